package dev.forkyard.server.pipe;

import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.util.HashSet;
import java.util.Set;

/**
 * Who has one end of a pipe. It is gone when somebody has let go of it and nobody has it any more,
 * and stays gone then. Guarded by the lock of the pipe.
 */
final class PipeEnd {
  private final Set<Session> holders = new HashSet<>();
  private final Set<Session> closedBy = new HashSet<>();
  private final Set<Hold> handlesInFlight = new HashSet<>();

  /** Handles in results, which count until the result has been used. */
  private final Set<Hold> offers = new HashSet<>();

  /** Somebody has let go of it, or nobody is left who could be the first to have it. */
  private boolean letGo;

  private boolean gone;

  /** False for a session that holds it already, or has closed it. */
  boolean canBeHeldBy(Session session) {
    return !gone && !holders.contains(session) && !closedBy.contains(session);
  }

  void addHolder(Session session) {
    holders.add(session);
  }

  boolean isClosedBy(Session session) {
    return closedBy.contains(session);
  }

  /** Closes the end for a session. */
  void close(Session session) {
    holders.remove(session);
    closedBy.add(session);
    letGo();
  }

  /** Forgets a session that has ended. */
  void forget(Session session) {
    closedBy.remove(session);
    if (holders.remove(session)) {
      letGo();
    }
  }

  /** Closes the end for everybody, whoever has it. */
  void closeForAll() {
    closedBy.addAll(holders);
    holders.clear();
    gone = true;
  }

  void addHandle(Hold handle) {
    handlesInFlight.add(handle);
  }

  /** A handle is in a result that is kept for whoever wants to read it. */
  void offer(Hold handle) {
    handlesInFlight.remove(handle);
    offers.add(handle);
  }

  /** The result with that handle was given to somebody. */
  void removeOffer(Hold handle) {
    if (offers.remove(handle)) {
      letGo();
    }
  }

  /** Somebody uses the end, who may have it from any result. */
  void removeOffers() {
    offers.clear();
  }

  /** A handle has arrived, or will never. */
  void removeHandle(Hold handle) {
    if (handlesInFlight.remove(handle) || offers.remove(handle)) {
      letGo();
    }
  }

  /** A handle has never been in flight. */
  void revokeHandle(Hold handle) {
    handlesInFlight.remove(handle);
    goIfNobodyHasIt();
  }

  /** The pipe's creator, who might have held it or given it to somebody, is there no more. */
  void creatorIsGone() {
    letGo();
  }

  private void letGo() {
    letGo = true;
    goIfNobodyHasIt();
  }

  private void goIfNobodyHasIt() {
    if (letGo && holders.isEmpty() && handlesInFlight.isEmpty() && offers.isEmpty()) {
      gone = true;
    }
  }

  boolean isGone() {
    return gone;
  }

  /** Everybody who would be told of the end of the pipe. */
  Set<Session> sessions() {
    Set<Session> all = new HashSet<>(holders);
    all.addAll(closedBy);
    return all;
  }

  int holderCount() {
    return holders.size();
  }

  boolean isHeldBy(Session session) {
    return holders.contains(session);
  }

  Set<Session> holders() {
    return Set.copyOf(holders);
  }
}
