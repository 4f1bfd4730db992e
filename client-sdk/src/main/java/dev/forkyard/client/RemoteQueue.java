package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A bounded first-in-first-out queue in the daemon, shared by processes.
 *
 * <p>It can be an argument of a function, an item of another queue or a message of a pipe: the
 * receiver gets the same queue. Items are encoded when they are put, so what cannot be sent is
 * refused at once. Thread-safe.
 *
 * <p>Waiting methods can be interrupted. If the operation was done before the interrupt reached the
 * daemon, they return as if it had not come and leave the thread interrupted, so that no item is
 * lost and none is put unnoticed.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@code put} returns when the daemon has the item, not before. Items that a consumer had taken and
 * not been handed go back to their places when it dies. {@link #shutdown} closes the queue for
 * everybody, and takers are told when it is drained.
 *
 * @param <T> type of the items
 */
public final class RemoteQueue<T> extends HandleValue {
  private final Wire wire;
  private final String id;
  private final Type type;
  private final Taker taker;

  RemoteQueue(Wire wire, String id, Type type) {
    super(new Handle.Queue(id));
    this.wire = wire;
    this.id = id;
    this.type = type;
    this.taker = new Taker(wire, id);
  }

  /** {@return the id of the queue} */
  public String id() {
    return id;
  }

  /**
   * Adds an item, waiting for room. Returns when the daemon has it.
   *
   * @param item the item
   * @throws ForkyardException with reason QUEUE_CLOSED after {@link #shutdown}, BATCH_TOO_LARGE if
   *     the item can never fit, NOT_CONVERTIBLE if it cannot be encoded
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public void put(T item) throws InterruptedException {
    putItems(List.of(item), null);
  }

  /**
   * Adds an item, waiting for room no longer than said.
   *
   * @param item the item
   * @param timeout how long to wait; zero or less does not wait
   * @throws ForkyardException with reason QUEUE_FULL if there was no room in time; and as {@link
   *     #put(Object)}
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public void put(T item, Duration timeout) throws InterruptedException {
    putItems(List.of(item), timeout);
  }

  /**
   * Adds an item if there is room now.
   *
   * @param item the item
   * @return false if there is no room
   * @throws ForkyardException as {@link #put(Object)}
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public boolean offer(T item) throws InterruptedException {
    try {
      put(item, Duration.ZERO);
      return true;
    } catch (ForkyardException e) {
      if (e.reason().equals("QUEUE_FULL")) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Adds items in order, all or none, waiting for room for all of them.
   *
   * @param items the items; nothing happens if there are none
   * @throws ForkyardException with reason BATCH_TOO_LARGE if they can never fit together; and as
   *     {@link #put(Object)}
   * @throws InterruptedException if interrupted; nothing was put then
   */
  public void putAll(Collection<? extends T> items) throws InterruptedException {
    if (!items.isEmpty()) {
      putItems(items, null);
    }
  }

  /**
   * Makes a producer that does not wait for the daemon's answer to each item.
   *
   * @return the producer; close or flush it
   */
  public QueueSender<T> sender() {
    QueueInfo info = info();
    return new QueueSender<>(wire, id, info.getCapacity(), info.getCapacityBytes());
  }

  /**
   * Takes the next item, waiting for one. It is acknowledged as it is handed out; what the daemon
   * sent ahead and nobody was handed goes back.
   *
   * @return the item
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws ForkyardException with reason QUEUE_NOT_FOUND if the queue was deleted; NOT_CONVERTIBLE
   *     or NULL_ITEM if the item is no {@code T}, in which case it goes back
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public T get() throws InterruptedException {
    return handOut(Objects.requireNonNull(taker.next(null), "a take without time-out timed out"));
  }

  /**
   * Takes the next item, waiting for one no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the item; empty if none came in time
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws ForkyardException as {@link #get()}
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public Optional<T> get(Duration timeout) throws InterruptedException {
    return Optional.ofNullable(taker.next(timeout)).map(this::handOut);
  }

  /**
   * Takes the next item when there is one.
   *
   * @return completes on a thread of the SDK, with the item or exceptionally as {@link #get()}; an
   *     item that comes for a future that was cancelled goes back
   * @throws InterruptedException if interrupted while too many calls are unanswered
   */
  public CompletableFuture<T> getAsync() throws InterruptedException {
    SessionStream.Pending pending = wire.stream().call(taker.takeCall(1, null));
    CompletableFuture<T> item = new CompletableFuture<>();
    var unused =
        pending
            .reply()
            .whenCompleteAsync((reply, error) -> complete(item, reply, error), wire.callbacks());
    var unusedToo =
        item.whenComplete(
            (value, error) -> {
              if (item.isCancelled()) {
                wire.stream().cancel(pending);
              }
            });
    return item;
  }

  /**
   * Takes the next item and keeps the right to give it back, waiting for one no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the item on lease; empty if none came in time
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws ForkyardException with reason QUEUE_NOT_FOUND if the queue was deleted
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public Optional<Lease<T>> lease(Duration timeout) throws InterruptedException {
    List<LeasedItem> items = taker.take(1, timeout);
    return items.isEmpty()
        ? Optional.empty()
        : Optional.of(new Lease<>(wire, taker, items.get(0), this::decode));
  }

  /** {@return how many items are ready to be taken} By the time it is read it may be different. */
  public int size() {
    return info().getReady();
  }

  /** {@return how many items are taken and not yet acknowledged} */
  public int leased() {
    return info().getLeased();
  }

  /**
   * Refuses further puts, by anybody. What is in the queue can still be taken; then takers get a
   * {@link QueueEndedException}. Doing it again changes nothing.
   */
  public void shutdown() {
    wire.call(
        QueueServiceGrpc.getCloseQueueMethod(),
        CloseQueueRequest.newBuilder().setQueueId(id).build());
  }

  /** Deletes the queue with everything in it; who waits on it is refused with QUEUE_NOT_FOUND. */
  public void delete() {
    wire.call(
        QueueServiceGrpc.getDeleteQueueMethod(),
        DeleteQueueRequest.newBuilder().setQueueId(id).build());
  }

  @Override
  public String toString() {
    return "RemoteQueue[" + id + "]";
  }

  private QueueInfo info() {
    return wire.call(
            QueueServiceGrpc.getGetQueueMethod(),
            GetQueueRequest.newBuilder().setQueueId(id).build())
        .getQueue();
  }

  private void putItems(Collection<? extends T> items, @Nullable Duration timeout)
      throws InterruptedException {
    PutItemsRequest.Builder request = PutItemsRequest.newBuilder().setQueueId(id);
    for (T item : items) {
      request.addItems(Values.encode(wire.codec(), Objects.requireNonNull(item, "item")));
    }
    if (timeout != null) {
      request.setTimeout(Protos.duration(timeout));
    }
    wire.callInterruptibly(SessionCall.newBuilder().setPutItems(request));
  }

  @CanIgnoreReturnValue
  private T handOut(LeasedItem item) {
    T value;
    try {
      value = decode(item);
    } catch (RuntimeException e) {
      wire.stream().send(taker.releaseCall(List.of(item)));
      throw e;
    }
    taker.handedOut(item);
    return value;
  }

  private void complete(
      CompletableFuture<T> future, @Nullable SessionReply reply, @Nullable Throwable error) {
    if (reply == null) {
      future.completeExceptionally(Errors.translate(Objects.requireNonNull(error)));
      return;
    }
    if (reply.getTakeItems().getEnd()) {
      future.completeExceptionally(new QueueEndedException(id));
      return;
    }
    LeasedItem item = reply.getTakeItems().getItems(0);
    try {
      if (future.complete(decode(item))) {
        taker.handedOut(item);
        return;
      }
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
    wire.stream().send(taker.releaseCall(List.of(item)));
  }

  private T decode(LeasedItem item) {
    return Values.decode(wire.codec(), item.getPayload(), type);
  }
}
