package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.LeaveQueueRequest;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.WaitDrainedRequest;
import dev.forkyard.v1.WaitDrainedResponse;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in the daemon, shared by processes: first in, first out, unless it has
 * {@linkplain QueueOptions#maxPriority priorities}.
 *
 * <p>It can be an argument of a function, an item of another queue or a message of a pipe: the
 * receiver gets the same queue. Items are encoded when they are put, so what cannot be sent is
 * refused at once. Thread-safe.
 *
 * <p>There are three ways to take. {@link #get()} hands items out for good. {@link #lease()} keeps
 * them until they are acknowledged, and gives them back when this process dies. {@link #forEach}
 * does that for a handler.
 *
 * <p>Waiting methods can be interrupted. If the operation was done before the interrupt reached the
 * daemon, they return as if it had not come and leave the thread interrupted, so that no item is
 * lost and none is put unnoticed. A time-out that is negative is one of zero. Every method throws a
 * {@link ForkyardException} with reason QUEUE_NOT_FOUND when the queue was deleted.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@code put} returns when the daemon has the item, not before. Items that a consumer had taken and
 * not been handed go back to their places when it dies. {@link #shutdown} closes the queue for
 * everybody, and takers are told when it is drained. With default options it is a {@code Queue} as
 * well as a {@code SimpleQueue}; for {@code task_done} see {@link JoinableQueue}.
 *
 * @param <T> type of the items
 */
public sealed class RemoteQueue<T> extends QueueTakes<T> implements AutoCloseable, Waitable
    permits JoinableQueue {
  private final Wire wire;
  private final String id;
  private final Taker taker;

  RemoteQueue(Wire wire, String id, Type type) {
    this(wire, id, type, new Taker(wire, id, true));
  }

  RemoteQueue(Wire wire, String id, Type type, Taker taker) {
    super(wire, type, taker);
    this.wire = wire;
    this.id = id;
    this.taker = taker;
  }

  /** {@return the state of the queue now} By the time it is read it may be different. */
  public final QueueStats stats() {
    return QueueStats.of(info());
  }

  /**
   * {@return how many items are ready to be taken} By the time it is read it may be different.
   * Items that were sent ahead to other processes are not counted.
   */
  public final int size() {
    return info().getReady();
  }

  /**
   * {@return whether no item is ready to be taken} By the time it is read it may be different.
   * Items that were sent ahead to other processes are not counted.
   */
  public final boolean isEmpty() {
    return size() == 0;
  }

  /**
   * {@return whether there is no room for another item} By the time it is read it may be different.
   */
  public final boolean isFull() {
    QueueInfo info = info();
    return info.getReady() >= info.getCapacity() || info.getReadyBytes() >= info.getCapacityBytes();
  }

  /** {@return how many items are taken and not yet acknowledged} */
  public final int leased() {
    return info().getLeased();
  }

  /**
   * Looks at the next item without taking it. By the time it is read somebody may have taken it.
   *
   * @return the item; empty if none is ready
   * @throws ForkyardException with reason NOT_CONVERTIBLE or NULL_ITEM if it is no {@code T}
   */
  public final Optional<T> peek() {
    return peek(1).stream().findFirst();
  }

  /**
   * Looks at the next items without taking them. By the time they are read somebody may have taken
   * them.
   *
   * @param most how many at most, at least 1; fewer if fewer are ready
   * @return the items in order
   * @throws ForkyardException with reason NOT_CONVERTIBLE or NULL_ITEM if one is no {@code T}
   */
  public final List<T> peek(int most) {
    return peeked(checkMost(most)).stream()
        .limit(most)
        .map(item -> decode(item.getPayload()))
        .toList();
  }

  /**
   * Drops the items that are ready.
   *
   * @return how many
   */
  @CanIgnoreReturnValue
  public final int clear() {
    taker.settleAndWait();
    return wire.call(
            QueueServiceGrpc.getClearQueueMethod(),
            ClearQueueRequest.newBuilder().setQueueId(id).build())
        .getCleared();
  }

  /**
   * Waits until every item that was put is done: acknowledged, dropped, or a dead letter. Returns
   * at once if nothing is left. Who puts meanwhile makes it wait longer.
   *
   * @return how many have died
   * @throws InterruptedException if interrupted
   */
  @CanIgnoreReturnValue
  public final JoinResult join() throws InterruptedException {
    return new JoinResult(awaitDrained(null).getDied());
  }

  /**
   * Waits until every item that was put is done, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return how many have died
   * @throws TimeoutException if items are not done in time
   * @throws InterruptedException if interrupted
   */
  @CanIgnoreReturnValue
  public final JoinResult join(Duration timeout) throws InterruptedException, TimeoutException {
    WaitDrainedResponse answer = awaitDrained(timeout);
    if (answer.getTimedOut()) {
      throw new TimeoutException(
          answer.getUnfinished() + " items of the queue " + id + " are not done yet");
    }
    return new JoinResult(answer.getDied());
  }

  /**
   * {@return the items that nobody is given any more, because they killed their takers, were given
   * back too often, or were given up}
   */
  public final DeadLetters<T> deadLetters() {
    return new DeadLetters<>(wire, id, this::decode);
  }

  /**
   * {@return a view of this queue as a {@link BlockingQueue}, for code that knows only that}
   *
   * <p>It keeps the contract of the JDK with these rules. Where a full queue makes {@code offer}
   * answer false, a queue that was {@linkplain #shutdown shut down} makes every way to add throw a
   * {@link ForkyardException} with reason QUEUE_CLOSED. When it is drained, {@code take} and {@code
   * poll} with a time-out throw a {@link QueueEndedException}, since no item will come; to the
   * methods that do not wait it is empty. Iterators, {@code contains}, {@code remove(Object)} and
   * {@code toArray} look at the items page by page, weakly consistent, and compare by {@code
   * equals} what they have decoded. {@code remainingCapacity} is that of items; the limit of bytes
   * may be reached before.
   */
  public final BlockingQueue<T> asBlockingQueue() {
    return new BlockingQueueView<>(this);
  }

  /**
   * Refuses further puts, by anybody. What is in the queue can still be taken; then takers get a
   * {@link QueueEndedException}. Doing it again changes nothing.
   */
  public final void shutdown() {
    refusePuts(false);
  }

  /**
   * Refuses further puts, by anybody, and drops what is ready, so that takers get a {@link
   * QueueEndedException} as soon as nothing is leased. What is leased and comes back is dropped
   * too.
   */
  public final void shutdownNow() {
    taker.settleAndWait();
    refusePuts(true);
  }

  /**
   * Gives the queue up for this process; one without a name is deleted when nobody has it any more.
   * Who has taken part in very many queues, such as one for each request, closes them. What is in a
   * queue that somebody else has stays there, and {@linkplain #lease leased} items stay leased.
   * Doing it again changes nothing, nor does it when the queue, the session or the daemon is gone.
   */
  @Override
  public final void close() {
    GiveUp.ifHeld(
        () -> {
          taker.settleAndWait();
          wire.callRepeatable(
              QueueServiceGrpc.getLeaveQueueMethod(),
              LeaveQueueRequest.newBuilder().setQueueId(id).setSessionId(wire.sessionId()).build());
        });
  }

  /** Deletes the queue with everything in it; who waits on it is refused with QUEUE_NOT_FOUND. */
  public final void delete() {
    taker.settleAndWait();
    wire.call(
        QueueServiceGrpc.getDeleteQueueMethod(),
        DeleteQueueRequest.newBuilder().setQueueId(id).build());
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + id + "]";
  }

  /** Whether that is another object for the same queue. */
  final boolean isSameAs(RemoteQueue<?> other) {
    return id.equals(other.id) && wire.address().equals(other.wire.address());
  }

  /** Says that an item is done. */
  final void ack(String token) {
    wire.call(
        SessionCall.newBuilder()
            .setAckItems(AckItemsRequest.newBuilder().setQueueId(id).addTokens(token)));
  }

  /** Begins to wait until an item is ready, or none will ever come. */
  final Readiness readiness() {
    return taker.hasAhead()
        ? Readiness.of(CompletableFuture.completedFuture(true))
        : Readiness.ofCall(
            wire,
            SessionCall.newBuilder().setPeekItems(PeekItemsRequest.newBuilder().setQueueId(id)));
  }

  /** The items that are ready, without taking them. */
  final PeekedItems peeked(int pageSize) {
    taker.settle();
    return PeekedItems.ready(wire, id, pageSize);
  }

  /** Takes the item of a number out of the queue; false if it is not ready any more. */
  final boolean remove(long number) {
    return taker.remove(number);
  }

  @Override
  final QueueInfo info() {
    taker.settleAndWait();
    return wire.callRepeatable(
            QueueServiceGrpc.getGetQueueMethod(),
            GetQueueRequest.newBuilder().setQueueId(id).build())
        .getQueue();
  }

  private WaitDrainedResponse awaitDrained(@Nullable Duration timeout) throws InterruptedException {
    taker.settle();
    WaitDrainedRequest.Builder request = WaitDrainedRequest.newBuilder().setQueueId(id);
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    return wire.callInterruptibly(SessionCall.newBuilder().setWaitDrained(request))
        .getWaitDrained();
  }

  private void refusePuts(boolean immediately) {
    wire.callRepeatable(
        QueueServiceGrpc.getCloseQueueMethod(),
        CloseQueueRequest.newBuilder().setQueueId(id).setImmediate(immediately).build());
  }
}
