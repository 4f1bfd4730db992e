package dev.forkyard.server.pipe;

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
import dev.forkyard.server.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One pipe. Thread-safe: everything is decided under one lock, answers are given after it was let
 * go, and every change ends with {@link #settle}.
 */
final class MessagePipe {
  private final String id;
  private final PipeOptions options;
  private final PipeFaults faults;
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

  MessagePipe(String id, PipeOptions options, Scheduler scheduler, WaiterLimit limit) {
    this.id = id;
    this.options = options;
    this.faults = new PipeFaults(id, options.capacityBytes());
    this.toLeft = new Direction(options.capacityBytes(), scheduler, limit);
    this.toRight = new Direction(options.capacityBytes(), scheduler, limit);
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

  /**
   * Sends all messages or none, waiting for room. Owns their holds unless it throws.
   *
   * @throws Fault when they can never be sent, or not at once though they must
   */
  void send(
      Side side,
      @Nullable Session session,
      List<Message> messages,
      @Nullable Duration timeout,
      Reply<Done> reply) {
    if (!options.canSend(side)) {
      throw faults.readOnly(side);
    }
    use(side, session);
    long bytes = messages.stream().mapToLong(message -> message.payload().sizeBytes()).sum();
    SendCall call = new SendCall(session, messages, bytes, reply);
    Afterwards after = new Afterwards();
    Wait wait = null;
    synchronized (lock) {
      checkSendable(side, call);
      Direction direction = to(side.other());
      if (direction.senders.isEmpty() && direction.fits(call)) {
        direction.add(call);
        after.add(() -> reply.answer(Done.DONE));
        settle(after);
      } else if (Timeouts.isZero(timeout)) {
        throw faults.full();
      } else {
        wait = direction.senders.park(call, timeout, how -> gaveUp(call, how));
      }
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  @GuardedBy("lock")
  private void checkSendable(Side side, SendCall call) {
    if (deleted) {
      throw faults.notFound();
    }
    if (end(side.other()).isGone()) {
      throw faults.broken(side);
    }
    if (call.messages().size() > 1 && call.bytes() > options.capacityBytes()) {
      throw faults.tooLarge(call.bytes());
    }
  }

  private void gaveUp(SendCall call, GaveUp how) {
    call.releaseHolds();
    call.reply().refuse(how == GaveUp.TIMED_OUT ? faults.full() : faults.cancelled());
    Afterwards after = new Afterwards();
    synchronized (lock) {
      settle(after);
    }
    after.run();
  }

  /**
   * Receives messages, waiting for the first.
   *
   * @throws Fault when the pipe is gone, the session has closed this end, or the next message is
   *     too long
   */
  void receive(
      Side side, @Nullable Session session, ReceiveRequest request, Reply<Received> reply) {
    checkReceivable(side);
    use(side, session);
    @Nullable Duration timeout = request.timeout();
    ReceiveCall call = new ReceiveCall(request.most(), request.mostBytes(), session, reply);
    Afterwards after = new Afterwards();
    Wait wait = null;
    synchronized (lock) {
      if (deleted) {
        throw faults.notFound();
      }
      Direction direction = to(side);
      if (!direction.isEmpty()) {
        deliver(direction, call, after);
        settle(after);
      } else if (end(side.other()).isGone()) {
        after.add(() -> reply.answer(Received.END));
      } else if (Timeouts.isZero(timeout)) {
        after.add(() -> reply.answer(Received.TIMED_OUT));
      } else {
        wait =
            direction.receivers.park(call, timeout, how -> gaveUp(reply, how, Received.TIMED_OUT));
      }
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
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
  void poll(Side side, @Nullable Session session, @Nullable Duration timeout, Reply<Polled> reply) {
    checkReceivable(side);
    use(side, session);
    PollCall call = new PollCall(session, reply);
    Afterwards after = new Afterwards();
    Wait wait = null;
    synchronized (lock) {
      if (deleted) {
        throw faults.notFound();
      }
      Direction direction = to(side);
      if (!direction.isEmpty()) {
        after.add(() -> reply.answer(Polled.MESSAGE));
      } else if (end(side.other()).isGone()) {
        after.add(() -> reply.answer(Polled.END));
      } else if (Timeouts.isZero(timeout)) {
        after.add(() -> reply.answer(Polled.TIMED_OUT));
      } else {
        wait = direction.pollers.park(call, timeout, how -> gaveUp(reply, how, Polled.TIMED_OUT));
      }
    }
    after.run();
    if (wait != null) {
      reply.whenGone(wait::cancel);
    }
  }

  @GuardedBy("lock")
  private void deliver(Direction direction, ReceiveCall call, Afterwards after) {
    if (direction.nextBytes() > call.mostBytes()) {
      Fault tooLong = faults.tooLong(direction.nextBytes(), call.mostBytes());
      after.add(() -> call.reply().refuse(tooLong));
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
      for (SendCall send : direction.senders.claimAllIf(any -> true)) {
        after.add(send::releaseHolds);
        after.add(() -> send.reply().refuse(faults.broken(receiver.other())));
      }
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
        tellPollers(direction, Polled.MESSAGE, after);
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
      tellPollers(direction, Polled.END, after);
    }
  }

  /** Everybody who waits for the same is told at once. */
  private static void tellPollers(Direction direction, Polled what, Afterwards after) {
    direction
        .pollers
        .claimAllIf(any -> true)
        .forEach(poll -> after.add(() -> poll.reply().answer(what)));
  }

  /** Makes the session a holder of the end that it uses. */
  private void use(Side side, @Nullable Session session) {
    if (session == null) {
      return;
    }
    boolean isNew;
    synchronized (lock) {
      if (end(side).isClosedBy(session)) {
        throw faults.endClosed(side);
      }
      isNew = end(side).addHolder(session);
    }
    if (isNew) {
      watch(session);
    }
  }

  private void watch(Session session) {
    try {
      session.onEnd(this, () -> sessionEnded(session));
    } catch (Fault hasEnded) {
      sessionEnded(session);
      throw hasEnded;
    }
  }

  private void sessionEnded(Session session) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      left.forget(session);
      right.forget(session);
      for (Side side : Side.values()) {
        refuseWaiting(side, session, faults.sessionEnded(session), after);
      }
      settle(after);
    }
    after.run();
  }

  /** Refuses what waits at one end for a session; without one, what waits there for anybody. */
  @GuardedBy("lock")
  private void refuseWaiting(Side side, @Nullable Session session, Fault why, Afterwards after) {
    for (ReceiveCall receive :
        to(side).receivers.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(() -> receive.reply().refuse(why));
    }
    for (PollCall poll :
        to(side).pollers.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(() -> poll.reply().refuse(why));
    }
    for (SendCall send :
        to(side.other()).senders.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(send::releaseHolds);
      after.add(() -> send.reply().refuse(why));
    }
  }

  /** Closes an end for a session, or for everybody. */
  void close(Side side, @Nullable Session session) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (session == null) {
        end(side).closeForAll();
      } else {
        end(side).close(session);
      }
      refuseWaiting(side, session, faults.endClosed(side), after);
      settle(after);
    }
    after.run();
    if (session != null) {
      watch(session);
    }
  }

  /** Holds an end for a handle in flight. */
  Hold hold(Side side) {
    synchronized (lock) {
      end(side).addInFlight();
    }
    return new EndHold(side);
  }

  private final class EndHold implements Hold {
    private final Side side;
    private final AtomicBoolean released = new AtomicBoolean();

    EndHold(Side side) {
      this.side = side;
    }

    @Override
    public void shareWith(Session session) {
      boolean isNew;
      synchronized (lock) {
        isNew = end(side).addHolder(session);
      }
      if (isNew) {
        try {
          watch(session);
        } catch (Fault hasEnded) {
          // whoever had ended holds nothing; the hold itself is still there
        }
      }
    }

    @Override
    public void release() {
      if (!released.compareAndSet(false, true)) {
        return;
      }
      Afterwards after = new Afterwards();
      synchronized (lock) {
        end(side).removeInFlight();
        settle(after);
      }
      after.run();
    }
  }

  /** Drops everything and ends every wait. */
  void delete() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      deleted = true;
      for (Direction direction : List.of(toLeft, toRight)) {
        for (SendCall send : direction.senders.claimAllIf(any -> true)) {
          after.add(send::releaseHolds);
          after.add(() -> send.reply().refuse(faults.notFound()));
        }
        for (ReceiveCall receive : direction.receivers.claimAllIf(any -> true)) {
          after.add(() -> receive.reply().refuse(faults.notFound()));
        }
        for (PollCall poll : direction.pollers.claimAllIf(any -> true)) {
          after.add(() -> poll.reply().refuse(faults.notFound()));
        }
        while (!direction.isEmpty()) {
          direction
              .remove(Integer.MAX_VALUE, Integer.MAX_VALUE)
              .forEach(message -> after.add(message.hold()::release));
        }
      }
      left.sessions().forEach(session -> after.add(() -> session.forget(this)));
      right.sessions().forEach(session -> after.add(() -> session.forget(this)));
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
    return new EndSnapshot(end.holders(), end.isGone(), unread.size(), unread.bytes());
  }
}
