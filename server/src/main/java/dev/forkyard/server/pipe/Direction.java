package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that travel one way, and the calls that wait for them. Guarded by the lock of the
 * pipe.
 */
final class Direction {
  /** An answer holds at most this much, or one message. */
  private static final int ANSWER_BYTES = 1 << 20;

  /** A message, with what keeps its handles alive. */
  record Message(Payload payload, Hold hold) {}

  record SendCall(
      @Nullable Session session, List<Message> messages, long bytes, Reply<Done> reply) {
    void revokeHolds() {
      messages.forEach(message -> message.hold().revoke());
    }
  }

  /**
   * @param mostBytes longest message that is taken
   */
  record ReceiveCall(int most, int mostBytes, @Nullable Session session, Reply<Received> reply) {}

  record PollCall(@Nullable Session session, Reply<Polled> reply) {}

  final Waiters<SendCall> senders;
  final Waiters<ReceiveCall> receivers;
  final Waiters<PollCall> pollers;
  private final long capacityBytes;
  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private long bytes;

  Direction(long capacityBytes, Scheduler scheduler, WaiterLimit limit) {
    this.capacityBytes = capacityBytes;
    this.senders = new Waiters<>(scheduler, limit);
    this.receivers = new Waiters<>(scheduler, limit);
    this.pollers = new Waiters<>(scheduler, limit);
  }

  /**
   * True when there is room, or when the pipe is empty: one send always fits into an empty pipe.
   */
  boolean fits(SendCall call) {
    return messages.isEmpty() || bytes + call.bytes() <= capacityBytes;
  }

  void add(SendCall call) {
    messages.addAll(call.messages());
    bytes += call.bytes();
  }

  /** Length of the next message, which there is, when it is longer than that; else 0. */
  int tooLong(int mostBytes) {
    Message next = messages.getFirst();
    return isTooLong(next, mostBytes) ? next.payload().contentBytes() : 0;
  }

  private static boolean isTooLong(Message message, int mostBytes) {
    return mostBytes < Integer.MAX_VALUE && message.payload().contentBytes() > mostBytes;
  }

  /** Takes what one receiver gets; the holds of the messages pass to it. */
  List<Message> remove(int most, int mostBytes) {
    List<Message> taken = new ArrayList<>(Math.min(most, messages.size()));
    long takenBytes = 0;
    for (Message next = messages.peekFirst();
        next != null && taken.size() < most && !isTooLong(next, mostBytes);
        next = messages.peekFirst()) {
      takenBytes += next.payload().sizeBytes();
      if (takenBytes > ANSWER_BYTES && !taken.isEmpty()) {
        break;
      }
      bytes -= next.payload().sizeBytes();
      taken.add(messages.removeFirst());
    }
    return taken;
  }

  /** Everybody who waits for the same is told at once. */
  void tellPollers(Polled what, Afterwards after) {
    pollers.claimAllIf(any -> true).forEach(poll -> after.add(() -> poll.reply().answer(what)));
  }

  /** Refuses those who wait for messages, for a session; without one, all of them. */
  void refuseReceivers(@Nullable Session session, Fault why, Afterwards after) {
    for (ReceiveCall receive :
        receivers.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(() -> receive.reply().refuse(why));
    }
    for (PollCall poll : pollers.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(() -> poll.reply().refuse(why));
    }
  }

  /** Refuses those who wait for room, for a session; without one, all of them. */
  void refuseSenders(@Nullable Session session, Fault why, Afterwards after) {
    for (SendCall send : senders.claimAllIf(call -> session == null || call.session() == session)) {
      after.add(send::revokeHolds);
      after.add(() -> send.reply().refuse(why));
    }
  }

  /** Drops the messages, and refuses everybody who waits. */
  void clear(Fault why, Afterwards after) {
    refuseReceivers(null, why, after);
    refuseSenders(null, why, after);
    messages.forEach(message -> after.add(message.hold()::release));
    messages.clear();
    bytes = 0;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  int size() {
    return messages.size();
  }

  long bytes() {
    return bytes;
  }
}
