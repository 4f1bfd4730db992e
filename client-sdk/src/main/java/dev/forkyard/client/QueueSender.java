package dev.forkyard.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.SessionCall;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A producer that does not wait for the daemon's answer to each item. Items are sent in order, in
 * batches; {@link #flush} and {@link #close} wait until the daemon has them all.
 *
 * <p>Items that the daemon has not confirmed are lost when this process or the daemon dies, the
 * connection stays broken, or the queue is closed. Whoever cannot lose them uses {@link
 * RemoteQueue#put(Object)}. After a refusal every method throws, each time another exception.
 * Thread-safe.
 *
 * @param <T> type of the items
 */
public final class QueueSender<T> implements AutoCloseable {
  private static final int MOST_UNSENT = 1_024;
  private static final int MOST_UNSENT_BYTES = 4 << 20;
  private static final int MOST_ITEMS_IN_BATCH = 256;
  private static final int MOST_BYTES_IN_BATCH = 256 << 10;

  /** A batch is put when there is room for all of it, so it must not want most of the queue. */
  private static final int BATCHES_IN_QUEUE = 8;

  private final Wire wire;

  /** How each batch is put, without its items. */
  private final PutItemsRequest options;

  private final int batchItems;
  private final long batchBytes;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<Payload> unsent = new ArrayDeque<>();

  @GuardedBy("lock")
  private long unsentBytes;

  /** Whether a batch is on its way. One at a time, so that none behind a refused one is put. */
  @GuardedBy("lock")
  private boolean sending;

  /** How many items were put. */
  @GuardedBy("lock")
  private long put;

  /** How many of them the daemon has. */
  @GuardedBy("lock")
  private long confirmed;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private @Nullable Throwable refusal;

  /** Prepares a sender whose batches take a small part of a queue of these capacities. */
  QueueSender(Wire wire, PutItemsRequest options, int capacity, long capacityBytes) {
    this.wire = wire;
    this.options = options;
    this.batchItems = Math.max(1, Math.min(MOST_ITEMS_IN_BATCH, capacity / BATCHES_IN_QUEUE));
    this.batchBytes = Math.min(MOST_BYTES_IN_BATCH, capacityBytes / BATCHES_IN_QUEUE);
  }

  /**
   * Adds an item; waits only while 1,024 items or 4 MiB are not yet sent.
   *
   * @param item the item
   * @throws ForkyardException with reason NOT_CONVERTIBLE if it cannot be encoded,
   *     MESSAGE_TOO_LARGE if it has nearly 4 MiB or more, SENDER_CLOSED after {@link #close}; or as
   *     {@link #flush} if an earlier item was refused
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public void put(T item) throws InterruptedException {
    Payload payload = Values.encode(wire.codec(), Objects.requireNonNull(item, "item"));
    int bytes = size(payload);
    Values.checkItems(bytes);
    synchronized (lock) {
      while (refusal == null && !closed && isFull()) {
        lock.wait();
      }
      throwRefusal();
      checkOpen();
      put++;
      unsent.add(payload);
      unsentBytes += bytes;
      if (!sending) {
        sendNext();
      }
    }
  }

  /**
   * Waits until the daemon has all items that were put before. Those that others put meanwhile are
   * not waited for.
   *
   * @throws ForkyardException if it refused some, such as with reason QUEUE_CLOSED: those and all
   *     after them are lost; with reason CONNECTION_LOST, it may have got some of those it has not
   *     confirmed
   * @throws InterruptedException if interrupted; the items are sent all the same
   */
  public void flush() throws InterruptedException {
    synchronized (lock) {
      long last = put;
      while (refusal == null && confirmed < last) {
        lock.wait();
      }
      throwRefusal();
    }
  }

  /**
   * Takes no more items, and waits until the daemon has all that were put. When interrupted it
   * returns before, and leaves the thread interrupted. Doing it again waits again.
   *
   * @throws ForkyardException as {@link #flush}
   */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    try {
      flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @GuardedBy("lock")
  private void throwRefusal() {
    if (refusal != null) {
      throw Errors.translate(refusal); // a new one: try-with-resources cannot suppress the same
    }
  }

  @GuardedBy("lock")
  private void checkOpen() {
    if (closed) {
      throw Errors.of(
          ForkyardException.Code.FAILED_PRECONDITION,
          "SENDER_CLOSED",
          "this sender was closed; make another one");
    }
  }

  @GuardedBy("lock")
  private boolean isFull() {
    return unsent.size() >= MOST_UNSENT || unsentBytes >= MOST_UNSENT_BYTES;
  }

  /** What an item takes in a queue, or a little more. */
  private int size(Payload payload) {
    return payload.getSerializedSize() + options.getSerializedSize();
  }

  @GuardedBy("lock")
  private void sendNext() {
    sending = !unsent.isEmpty();
    if (sending) {
      PutItemsRequest batch = nextBatch();
      var unused =
          wire.stream()
              .send(SessionCall.newBuilder().setPutItems(batch))
              .reply()
              .whenComplete((reply, error) -> answered(batch.getItemsCount(), error));
    }
  }

  @GuardedBy("lock")
  private PutItemsRequest nextBatch() {
    PutItemsRequest.Builder batch = options.toBuilder();
    long bytes = 0;
    while (!unsent.isEmpty() && batch.getItemsCount() < batchItems) {
      int size = size(unsent.element());
      bytes += size;
      if (bytes > batchBytes && batch.getItemsCount() > 0) {
        break;
      }
      batch.addItems(unsent.remove());
      unsentBytes -= size;
    }
    return batch.build();
  }

  private void answered(int items, @Nullable Throwable error) {
    synchronized (lock) {
      if (error == null) {
        confirmed += items;
        sendNext();
      } else {
        refusal = error;
        sending = false;
        unsent.clear();
        unsentBytes = 0;
      }
      lock.notifyAll();
    }
  }
}
