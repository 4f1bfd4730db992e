package dev.forkyard.client;

import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.TakeItemsResponse;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The ways to take items from a {@link RemoteQueue}. */
abstract sealed class QueueTakes<T> extends QueuePuts<T> permits RemoteQueue {
  private final Wire wire;
  private final Type type;
  private final Taker taker;

  QueueTakes(Wire wire, Type type, Taker taker) {
    super(wire, taker.queueId());
    this.wire = wire;
    this.type = type;
    this.taker = taker;
  }

  /**
   * Takes the next item, waiting for one. It is acknowledged as it is handed out (that of a {@link
   * JoinableQueue} when it is {@linkplain JoinableQueue#taskDone done}); what the daemon sent ahead
   * and nobody was handed goes back.
   *
   * @return the item
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws ForkyardException with reason NOT_CONVERTIBLE or NULL_ITEM if the item is no {@code T},
   *     in which case it goes back, as by {@link Lease#nack}
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public final T get() throws InterruptedException {
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
  public final Optional<T> get(Duration timeout) throws InterruptedException {
    return Optional.ofNullable(taker.next(timeout)).map(this::handOut);
  }

  /**
   * Takes the next item when there is one.
   *
   * @return completes on a thread of the SDK, with the item or exceptionally as {@link #get()}; an
   *     item that comes for a future that was cancelled, or completed by somebody else, goes back
   * @throws InterruptedException if interrupted while too many calls are unanswered
   */
  public final CompletableFuture<T> getAsync() throws InterruptedException {
    AsyncTake<T> item = new AsyncTake<>();
    List<LeasedItem> there = taker.pollAhead(1);
    if (!there.isEmpty()) {
      TakeItemsResponse taken = TakeItemsResponse.newBuilder().addAllItems(there).build();
      wire.callbacks().execute(() -> complete(item, taken));
      return item;
    }
    SessionStream.Pending pending = wire.stream().call(taker.takeOneCall());
    var unused =
        pending
            .reply()
            .whenCompleteAsync((reply, error) -> complete(item, reply, error), wire.callbacks());
    var unusedToo = item.whenComplete((value, error) -> wire.stream().cancel(pending));
    return item;
  }

  /**
   * Takes the next items at once, waiting for the first no longer than said.
   *
   * @param most how many at most, at least 1; fewer if fewer are there, or they are large
   * @param timeout how long to wait; zero or less does not wait
   * @return the items in order; empty if none came in time
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws ForkyardException as {@link #get()}, for the first item; before another one that is no
   *     {@code T} the list ends
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public final List<T> getMany(int most, Duration timeout) throws InterruptedException {
    return handOut(taker.nextMany(checkMost(most), timeout));
  }

  /**
   * Takes the next item and keeps the right to give it back, waiting for one.
   *
   * @return the item on lease; acknowledge or close it
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public final Lease<T> lease() throws InterruptedException {
    return leases(taker.lease(1, null)).get(0);
  }

  /**
   * Takes the next item and keeps the right to give it back, waiting for one no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the item on lease, to be acknowledged or closed; empty if none came in time
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public final Optional<Lease<T>> lease(Duration timeout) throws InterruptedException {
    return leases(taker.lease(1, timeout)).stream().findFirst();
  }

  /**
   * Takes the next items and keeps the right to give each of them back, waiting for the first no
   * longer than said.
   *
   * @param most how many at most, at least 1; fewer if fewer are there, or they are large
   * @param timeout how long to wait; zero or less does not wait
   * @return the items on lease in order, each to be acknowledged or closed; empty if none came in
   *     time
   * @throws QueueEndedException if the queue is shut down and drained
   * @throws InterruptedException if interrupted; no item was taken then
   */
  public final List<Lease<T>> leaseMany(int most, Duration timeout) throws InterruptedException {
    return leases(taker.lease(checkMost(most), timeout));
  }

  /**
   * Works on items until the queue is shut down and drained: leases one, hands it to the handler in
   * this thread, and acknowledges it when that returns. Let several threads or processes do so to
   * work on several items at a time.
   *
   * <p>If the handler throws an exception, the item goes back, the exception is logged by the
   * {@link System.Logger} with the name of {@link RemoteQueue}, and after a pause the next item is
   * taken: this one again, so give the queue {@link QueueOptions#deadAfterReleases} if a handler
   * may fail each time. There is none after the first attempt; after the second it is 1 ms, and
   * then twice as long each time, up to 1 s. An {@link Error} of the handler gives the item back
   * and is thrown.
   *
   * @param handler what to do with each item
   * @throws InterruptedException if interrupted while it waits, or by the handler; the item goes
   *     back then as if it had not been taken
   */
  public final void forEach(ItemHandler<? super T> handler) throws InterruptedException {
    forEach(handler, QueueTakes::log);
  }

  /**
   * Works on items as {@link #forEach(ItemHandler)} does, and tells of each exception of the
   * handler before the item goes back.
   *
   * @param handler what to do with each item
   * @param onFailure is given the lease and the exception; it may {@linkplain Lease#deadLetter give
   *     the item up} or acknowledge it. An exception of its own ends the work and is thrown
   * @throws InterruptedException if interrupted while it waits, or by the handler; the item goes
   *     back then as if it had not been taken
   */
  public final void forEach(
      ItemHandler<? super T> handler, BiConsumer<? super Lease<T>, ? super Exception> onFailure)
      throws InterruptedException {
    new HandlerLoop<>(this, handler, onFailure).run();
  }

  /** Does what has to be done with an item when its taker is given it. */
  void handedOut(LeasedItem item) {
    taker.handedOut(item);
  }

  final T decode(Payload payload) {
    return Values.decode(wire.codec(), payload, type);
  }

  private T handOut(LeasedItem item) {
    return handOut(List.of(item)).get(0);
  }

  /** Hands out the items before the first that cannot be decoded. */
  private List<T> handOut(List<LeasedItem> items) {
    List<T> values = new ArrayList<>(items.size());
    for (LeasedItem item : items) {
      try {
        values.add(decode(item.getPayload()));
      } catch (RuntimeException | Error e) {
        if (values.isEmpty()) {
          taker.giveBack(item);
          returnUnused(items.subList(1, items.size()));
          throw e;
        }
        returnUnused(items.subList(values.size(), items.size()));
        break;
      }
    }
    items.subList(0, values.size()).forEach(this::handedOut);
    return values;
  }

  private void returnUnused(List<LeasedItem> items) {
    if (!items.isEmpty()) {
      taker.returnUnused(items);
    }
  }

  private void complete(
      AsyncTake<T> future, @Nullable SessionReply reply, @Nullable Throwable error) {
    if (reply == null) {
      future.completeExceptionally(Errors.translate(Objects.requireNonNull(error)));
    } else {
      complete(future, reply.getTakeItems());
    }
  }

  private void complete(AsyncTake<T> future, TakeItemsResponse taken) {
    if (taken.getEnd()) {
      future.completeExceptionally(new QueueEndedException(id()));
      return;
    }
    LeasedItem item = taken.getItems(0);
    T value;
    try {
      value = decode(item.getPayload());
    } catch (Throwable e) { // an Error of a class that is decoded too
      taker.giveBack(item);
      future.completeExceptionally(e);
      return;
    }
    if (future.claim()) {
      handedOut(item);
      future.deliver(value);
    } else {
      taker.returnUnused(List.of(item));
    }
  }

  private List<Lease<T>> leases(List<LeasedItem> items) {
    return items.stream()
        .map(item -> new Lease<>(wire, taker, item, leased -> decode(leased.getPayload())))
        .toList();
  }

  private static void log(Lease<?> lease, Exception failure) {
    System.getLogger(RemoteQueue.class.getName())
        .log(
            System.Logger.Level.WARNING,
            "a handler has failed, and its item goes back: " + lease,
            failure);
  }

  static int checkMost(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at least 1 item can be asked for, not " + most);
    }
    return most;
  }
}
