package dev.forkyard.server.pipe;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.pipe.Direction.Message;
import dev.forkyard.server.pipe.Direction.PollCall;
import dev.forkyard.server.pipe.Direction.ReceiveCall;
import dev.forkyard.server.pipe.Direction.SendCall;
import dev.forkyard.server.pipe.PipeSnapshot.EndSnapshot;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Keepers;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One pipe. Thread-safe: everything is decided under one lock, answers are given after it was let
 * go, and every change ends with {@link #settle}.
 */
final class MessagePipe {
  private final String id;
  private final PipeOptions options;
  private final PipeFaults faults;
  private final Keepers keepers;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final PipeEnd left = new PipeEnd();

  @GuardedBy("lock")
  private final PipeEnd right = new PipeEnd();

  @GuardedBy("lock")
  private final Direction toLeft;

  @GuardedBy("lock")
  private final Direction toRight;

  @GuardedBy("lock")
  private boolean deleted;

  MessagePipe(
      String id, PipeOptions options, Keepers keepers, Scheduler scheduler, WaiterLimit limit) {
    this.id = id;
    this.options = options;
    this.keepers = keepers;
    this.faults = new PipeFaults(id, options.capacityBytes());
    this.toLeft = new Direction(options.capacityBytes(), scheduler, limit);
    this.toRight = new Direction(options.capacityBytes(), scheduler, limit);
  }

  /**
   * Follows the life of the owner, who might hold an end or give it to somebody, until it ends.
   *
   * @throws Fault SESSION_NOT_FOUND when it has ended
   */
  void followOwner() {
    if (keepers.owner() != null) {
      synchronized (lock) {
        if (!deleted) {
          follow(keepers.owner());
        }
      }
    }
  }

  @GuardedBy("lock")
  private void checkExists() {
    if (deleted) {
      throw faults.notFound();
    }
  }

  /**
   * Is told when a session ends, which may be any moment, but not before the lock is let go.
   *
   * @throws Fault SESSION_NOT_FOUND when it has ended
   */
  @GuardedBy("lock")
  private void follow(Session session) {
    session.onEnd(this, () -> sessionEnded(session));
  }

  @GuardedBy("lock")
  private PipeEnd end(Side side) {
    return side == Side.LEFT ? left : right;
  }

  /** The messages that wait at this side. */
  @GuardedBy("lock")
  private Direction to(Side side) {
    return side == Side.LEFT ? toLeft : toRight;
  }

  /** What a call does under the lock; it may leave behind that it waits. */
  private interface Beginning {
    @Nullable Wait begin(Afterwards after);
  }

  /** Begins a call, which may wait until its caller is gone. */
  private void begin(Reply<?> reply, Beginning beginning) {
    Afterwards after = new Afterwards();
    Wait wait;
    synchronized (lock) {
      checkExists();
      wait = beginning.begin(after);
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  /** Changes something, and lets those go on who waited for that. */
  private void alter(Consumer<Afterwards> change) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      change.accept(after);
      settle(after);
    }
    after.run();
  }

  /**
   * Sends all messages or none, waiting for room. Owns their holds unless it throws.
   *
   * @throws Fault when they can never be sent, or not at once though they must
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void send(
      Side side,
      @Nullable Session session,
      List<Message> messages,
      @Nullable Duration timeout,
      Reply<Done> reply) {
    if (!options.canSend(side)) {
      throw faults.readOnly(side);
    }
    long bytes = messages.stream().mapToLong(message -> message.payload().sizeBytes()).sum();
    SendCall call = new SendCall(session, messages, bytes, reply);
    begin(
        reply,
        after -> {
          use(side, session);
          checkSendable(side, call);
          Direction direction = to(side.other());
          if (direction.senders.isEmpty() && direction.fits(call)) {
            direction.add(call);
            after.add(() -> reply.answer(Done.DONE));
            settle(after);
            return null;
          }
          if (Timeouts.isZero(timeout)) {
            throw faults.full();
          }
          return direction.senders.park(call, timeout, how -> gaveUp(call, how));
        });
  }

  @GuardedBy("lock")
  private void checkSendable(Side side, SendCall call) {
    if (end(side.other()).isGone()) {
      throw faults.broken(side);
    }
    if (call.messages().size() > 1 && call.bytes() > options.capacityBytes()) {
      throw faults.tooLarge(call.bytes());
    }
  }

  private void gaveUp(SendCall call, GaveUp how) {
    call.revokeHolds();
    call.reply().refuse(how == GaveUp.TIMED_OUT ? faults.full() : faults.cancelled());
    alter(after -> {}); // a smaller send behind it may fit
  }

  /**
   * Receives messages, waiting for the first.
   *
   * @throws Fault when the pipe is gone, the session has closed this end, or the next message is
   *     too long
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void receive(
      Side side, @Nullable Session session, ReceiveRequest request, Reply<Received> reply) {
    checkReceivable(side);
    @Nullable Duration timeout = request.timeout();
    ReceiveCall call = new ReceiveCall(request.most(), request.mostBytes(), session, reply);
    begin(
        reply,
        after -> {
          use(side, session);
          Direction direction = to(side);
          if (!direction.isEmpty()) {
            deliver(direction, call, after);
            settle(after);
          } else if (end(side.other()).isGone()) {
            after.add(() -> reply.answer(Received.END));
          } else if (Timeouts.isZero(timeout)) {
            after.add(() -> reply.answer(Received.TIMED_OUT));
          } else {
            return direction.receivers.park(
                call, timeout, how -> gaveUp(reply, how, Received.TIMED_OUT));
          }
          return null;
        });
  }

  private void checkReceivable(Side side) {
    if (!options.canReceive(side)) {
      throw faults.writeOnly(side);
    }
  }

  private <A> void gaveUp(Reply<A> reply, GaveUp how, A timedOut) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(timedOut);
    } else {
      reply.refuse(faults.cancelled());
    }
  }

  /**
   * Waits until there is a message, or the end.
   *
   * @throws Fault when the pipe is gone or the session has closed this end
   */
  @SuppressWarnings("GuardedBy") // begin holds the lock
  void poll(Side side, @Nullable Session session, @Nullable Duration timeout, Reply<Polled> reply) {
    checkReceivable(side);
    begin(
        reply,
        after -> {
          use(side, session);
          Direction direction = to(side);
          if (!direction.isEmpty()) {
            after.add(() -> reply.answer(Polled.MESSAGE));
          } else if (end(side.other()).isGone()) {
            after.add(() -> reply.answer(Polled.END));
          } else if (Timeouts.isZero(timeout)) {
            after.add(() -> reply.answer(Polled.TIMED_OUT));
          } else {
            return direction.pollers.park(
                new PollCall(session, reply), timeout, how -> gaveUp(reply, how, Polled.TIMED_OUT));
          }
          return null;
        });
  }

  @GuardedBy("lock")
  private void deliver(Direction direction, ReceiveCall call, Afterwards after) {
    int tooLong = direction.tooLong(call.mostBytes());
    if (tooLong > 0) {
      after.add(() -> call.reply().refuse(faults.tooLong(tooLong, call.mostBytes())));
      return;
    }
    List<Message> messages = direction.remove(call.most(), call.mostBytes());
    after.add(
        () -> {
          for (Message message : messages) {
            if (call.session() != null) {
              message.hold().shareWith(call.session());
            }
            message.hold().release();
          }
        });
    List<Payload> payloads = messages.stream().map(Message::payload).toList();
    after.add(() -> call.reply().answer(new Received(payloads, false, false)));
  }

  /** Gives waiting calls what they can have now. */
  @GuardedBy("lock")
  private void settle(Afterwards after) {
    settle(Side.LEFT, after);
    settle(Side.RIGHT, after);
  }

  @GuardedBy("lock")
  private void settle(Side receiver, Afterwards after) {
    Direction direction = to(receiver);
    if (end(receiver).isGone()) {
      direction.refuseSenders(null, faults.broken(receiver.other()), after);
      refuseWaiting(receiver, null, faults.endGone(receiver), after);
    }
    boolean again = true;
    while (again) {
      again = false;
      SendCall send = direction.senders.claimFirstIf(direction::fits);
      if (send != null) {
        direction.add(send);
        after.add(() -> send.reply().answer(Done.DONE));
        again = true;
      }
      if (!direction.isEmpty()) {
        direction.tellPollers(Polled.MESSAGE, after);
      }
      ReceiveCall receive =
          direction.isEmpty() ? null : direction.receivers.claimFirstIf(any -> true);
      if (receive != null) {
        deliver(direction, receive, after);
        again = true;
      }
    }
    if (direction.isEmpty() && end(receiver.other()).isGone()) {
      direction
          .receivers
          .claimAllIf(any -> true)
          .forEach(call -> after.add(() -> call.reply().answer(Received.END)));
      direction.tellPollers(Polled.END, after);
    }
  }

  /**
   * Makes the session a holder of the end that it uses.
   *
   * @throws Fault PIPE_END_CLOSED, SESSION_NOT_FOUND
   */
  @GuardedBy("lock")
  private void use(Side side, @Nullable Session session) {
    if (session != null && end(side).isClosedBy(session)) {
      throw faults.endClosed(side);
    }
    if (end(side).isGone()) {
      throw faults.endGone(side);
    }
    if (session != null) {
      if (session.ended()) {
        throw session.notFound();
      }
      if (addHolder(side, session)) {
        end(side).removeOffers();
      }
    }
  }

  /**
   * Makes a session one that holds an end, and so keeps the pipe, unless it has closed the end or
   * the end is gone; answers whether it is new.
   *
   * @throws Fault SESSION_NOT_FOUND when it has ended
   */
  @CanIgnoreReturnValue
  @GuardedBy("lock")
  private boolean addHolder(Side side, Session session) {
    if (!end(side).canBeHeldBy(session)) {
      return false;
    }
    follow(session);
    end(side).addHolder(session);
    keepers.add(session);
    return true;
  }

  @SuppressWarnings("GuardedBy") // alter holds the lock
  private void sessionEnded(Session session) {
    alter(
        after -> {
          for (PipeEnd end : List.of(left, right)) {
            end.forget(session);
            if (session == keepers.owner()) {
              end.creatorIsGone();
            }
          }
          for (Side side : Side.values()) {
            refuseWaiting(side, session, session.notFound(), after);
          }
        });
  }

  /** Refuses what waits at one end for a session; without one, what waits there for anybody. */
  @GuardedBy("lock")
  private void refuseWaiting(Side side, @Nullable Session session, Fault why, Afterwards after) {
    to(side).refuseReceivers(session, why, after);
    to(side.other()).refuseSenders(session, why, after);
  }

  /**
   * Closes an end for a session, or for everybody.
   *
   * @throws Fault SESSION_NOT_FOUND when the session has ended
   */
  @SuppressWarnings("GuardedBy") // alter holds the lock
  void close(Side side, @Nullable Session session) {
    alter(
        after -> {
          checkExists();
          if (session != null) {
            follow(session);
          }
          Set<Session> holders = session == null ? end(side).holders() : Set.of(session);
          if (session == null) {
            end(side).closeForAll();
          } else {
            end(side).close(session);
          }
          for (Session holder : holders) {
            if (holder != keepers.owner() && !end(side.other()).isHeldBy(holder)) {
              keepers.remove(holder, after);
            }
          }
          refuseWaiting(side, session, faults.endClosed(side), after);
        });
  }

  /**
   * Holds an end for a handle in flight.
   *
   * @param hold of the pipe
   */
  Hold hold(Side side, Hold hold) {
    EndHold handle = new EndHold(side, hold);
    synchronized (lock) {
      end(side).addHandle(handle);
    }
    return handle;
  }

  private final class EndHold implements Hold {
    private final Side side;
    private final Hold pipe;

    EndHold(Side side, Hold pipe) {
      this.side = side;
      this.pipe = pipe;
    }

    @Override
    @SuppressWarnings("GuardedBy") // alter holds the lock
    public void shareWith(Session session) {
      alter(
          after -> {
            if (deleted || session.ended()) {
              return;
            }
            try {
              addHolder(side, session);
              end(side).removeOffer(this);
            } catch (Fault hasJustEnded) {
              // whoever has ended holds nothing; the hold itself is still there
            }
          });
    }

    @Override
    public void offer() {
      synchronized (lock) {
        end(side).offer(this);
      }
    }

    @Override
    @SuppressWarnings("GuardedBy") // alter holds the lock
    public void release() {
      alter(after -> end(side).removeHandle(this));
      pipe.release();
    }

    @Override
    @SuppressWarnings("GuardedBy") // alter holds the lock
    public void revoke() {
      alter(after -> end(side).revokeHandle(this));
      pipe.release();
    }
  }

  /** Drops everything and ends every wait. */
  void delete() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      deleted = true;
      toLeft.clear(faults.notFound(), after);
      toRight.clear(faults.notFound(), after);
      Set<Session> sessions = new HashSet<>(left.sessions());
      sessions.addAll(right.sessions());
      if (keepers.owner() != null) {
        sessions.add(keepers.owner());
      }
      sessions.forEach(session -> after.add(() -> session.forget(this)));
    }
    after.run();
  }

  PipeSnapshot snapshot(String ownerSessionId) {
    synchronized (lock) {
      return new PipeSnapshot(
          id, options, ownerSessionId, snapshot(Side.LEFT), snapshot(Side.RIGHT));
    }
  }

  @GuardedBy("lock")
  private EndSnapshot snapshot(Side side) {
    PipeEnd end = end(side);
    Direction unread = to(side);
    return new EndSnapshot(end.holderCount(), end.isGone(), unread.size(), unread.bytes());
  }
}
