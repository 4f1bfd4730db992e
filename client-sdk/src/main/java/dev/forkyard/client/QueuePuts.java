package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleValue;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.SessionCall;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The ways to put items into a {@link RemoteQueue}. */
abstract sealed class QueuePuts<T> extends HandleValue permits QueueTakes {
  private final Wire wire;
  private final String id;

  QueuePuts(Wire wire, String id) {
    super(new Handle.Queue(id));
    this.wire = wire;
    this.id = id;
  }

  /** {@return the state of the queue} */
  abstract QueueInfo info();

  /** {@return the id of the queue} */
  public final String id() {
    return id;
  }

  /**
   * Adds an item, waiting for room. Returns when the daemon has it.
   *
   * @param item the item
   * @throws ForkyardException with reason QUEUE_CLOSED after {@link RemoteQueue#shutdown},
   *     BATCH_TOO_LARGE if the item can never fit, MESSAGE_TOO_LARGE if it has nearly 4 MiB or
   *     more, NOT_CONVERTIBLE if it cannot be encoded
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public final void put(T item) throws InterruptedException {
    putItems(List.of(item), PutOptions.defaults());
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
  public final void put(T item, Duration timeout) throws InterruptedException {
    putItems(List.of(item), PutOptions.defaults().timeout(timeout));
  }

  /**
   * Adds an item with a priority, attributes, a time-out or a name of the put.
   *
   * @param item the item
   * @param options what is different from {@link #put(Object)}
   * @throws ForkyardException with reason INVALID_ARGUMENT if the queue has no such priority; and
   *     as {@link #put(Object, Duration)}
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public final void put(T item, PutOptions options) throws InterruptedException {
    putItems(List.of(item), options);
  }

  /**
   * Adds an item if there is room now.
   *
   * @param item the item
   * @return false if there is no room
   * @throws ForkyardException as {@link #put(Object)}
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public final boolean offer(T item) throws InterruptedException {
    return offer(item, Duration.ZERO);
  }

  /** Adds an item if there is room in time. */
  final boolean offer(T item, Duration timeout) throws InterruptedException {
    try {
      put(item, timeout);
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
  public final void putAll(Collection<? extends T> items) throws InterruptedException {
    putItems(items, PutOptions.defaults());
  }

  /**
   * Adds items in order, all or none, each with the same priority and attributes.
   *
   * @param items the items; nothing happens if there are none
   * @param options what is different from {@link #putAll(Collection)}
   * @throws ForkyardException as {@link #putAll(Collection)} and {@link #put(Object, PutOptions)}
   * @throws InterruptedException if interrupted; nothing was put then
   */
  public final void putAll(Collection<? extends T> items, PutOptions options)
      throws InterruptedException {
    putItems(items, options);
  }

  /**
   * Makes a producer that does not wait for the daemon's answer to each item.
   *
   * @return the producer; close or flush it
   */
  public final QueueSender<T> sender() {
    return sender(PutOptions.defaults());
  }

  /**
   * Makes a producer that does not wait for the daemon's answer to each item.
   *
   * @param options how it puts its items
   * @return the producer; close or flush it
   * @throws IllegalArgumentException if they have a {@linkplain PutOptions#requestId name}, which
   *     is that of one put
   */
  public final QueueSender<T> sender(PutOptions options) {
    PutItemsRequest request = options.toRequest(id).build();
    if (!request.getRequestId().isEmpty()) {
      throw new IllegalArgumentException("a sender puts many times, and a requestId names one put");
    }
    QueueInfo info = info();
    return new QueueSender<>(wire, request, info.getCapacity(), info.getCapacityBytes());
  }

  private void putItems(Collection<? extends T> items, PutOptions options)
      throws InterruptedException {
    if (items.isEmpty()) {
      return;
    }
    PutItemsRequest.Builder request = options.toRequest(id);
    for (T item : items) {
      request.addItems(Values.encode(wire.codec(), Objects.requireNonNull(item, "item")));
    }
    PutItemsRequest put = request.build();
    Values.checkItems(put.getSerializedSize());
    wire.callInterruptibly(SessionCall.newBuilder().setPutItems(put));
  }
}
