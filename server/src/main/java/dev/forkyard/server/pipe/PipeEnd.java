package dev.forkyard.server.pipe;

import dev.forkyard.server.session.Session;
import java.util.HashSet;
import java.util.Set;

/** Who holds one end of a pipe. Guarded by the lock of the pipe. */
final class PipeEnd {
  private final Set<Session> holders = new HashSet<>();
  private final Set<Session> closedBy = new HashSet<>();
  private int inFlight;

  /** Somebody has held it, or nobody is left who could be the first. */
  private boolean begun;

  /** False for a session that holds it already, or has closed it. */
  boolean canBeHeldBy(Session session) {
    return !holders.contains(session) && !closedBy.contains(session);
  }

  void addHolder(Session session) {
    holders.add(session);
    begun = true;
  }

  boolean isClosedBy(Session session) {
    return closedBy.contains(session);
  }

  /** Closes the end for a session. */
  void close(Session session) {
    begun = true;
    holders.remove(session);
    closedBy.add(session);
  }

  /** Forgets a session that has ended. */
  void forget(Session session) {
    holders.remove(session);
    closedBy.remove(session);
  }

  /** Closes the end for everybody. */
  void closeForAll() {
    begun = true;
    closedBy.addAll(holders);
    holders.clear();
    inFlight = 0;
  }

  void addInFlight() {
    begun = true;
    inFlight++;
  }

  void removeInFlight() {
    inFlight = Math.max(0, inFlight - 1);
  }

  /** The pipe's creator, who might have held it or given it to somebody, is there no more. */
  void creatorIsGone() {
    begun = true;
  }

  boolean isGone() {
    return begun && holders.isEmpty() && inFlight == 0;
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
