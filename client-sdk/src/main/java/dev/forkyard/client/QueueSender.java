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
  private static final int MOST_ITEMS_IN_BATCH = 256;
  private static final int MOST_BYTES_IN_BATCH = 256 << 10;

  private final Wire wire;
  private final String queueId;
  private final int batchItems;
  private final long batchBytes;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<Payload> unsent = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean sending;

  @GuardedBy("lock")
  private @Nullable Throwable refusal;

  /** Prepares a sender whose batches fit into a queue of these capacities. */
  QueueSender(Wire wire, String queueId, int capacity, long capacityBytes) {
    this.wire = wire;
    this.queueId = queueId;
    this.batchItems = Math.max(1, Math.min(MOST_ITEMS_IN_BATCH, capacity));
    this.batchBytes = Math.min(MOST_BYTES_IN_BATCH, capacityBytes);
  }

  /**
   * Adds an item; waits only while more than 1,024 items are not yet sent.
   *
   * @param item the item
   * @throws ForkyardException with reason NOT_CONVERTIBLE if it cannot be encoded; or as {@link
   *     #flush} if an earlier item was refused
   * @throws InterruptedException if interrupted; the item was not put then
   */
  public void put(T item) throws InterruptedException {
    Payload payload = Values.encode(wire.codec(), Objects.requireNonNull(item, "item"));
    synchronized (lock) {
      while (refusal == null && unsent.size() >= MOST_UNSENT) {
        lock.wait();
      }
      throwRefusal();
      unsent.add(payload);
      if (!sending) {
        sendNext();
      }
    }
  }

  /**
   * Waits until the daemon has all items that were put.
   *
   * @throws ForkyardException if it refused one, such as with reason QUEUE_CLOSED: that one and
   *     those after it are lost; with reason CONNECTION_LOST, it may have got some of those it has
   *     not confirmed
   * @throws InterruptedException if interrupted; the items are sent all the same
   */
  public void flush() throws InterruptedException {
    synchronized (lock) {
      while (refusal == null && sending) {
        lock.wait();
      }
      throwRefusal();
    }
  }

  /**
   * Waits until the daemon has all items that were put. When interrupted it returns before, and
   * leaves the thread interrupted.
   *
   * @throws ForkyardException as {@link #flush}
   */
  @Override
  public void close() {
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
  private void sendNext() {
    PutItemsRequest.Builder batch = PutItemsRequest.newBuilder().setQueueId(queueId);
    long bytes = 0;
    while (!unsent.isEmpty() && batch.getItemsCount() < batchItems) {
      bytes += unsent.element().getSerializedSize();
      if (bytes > batchBytes && batch.getItemsCount() > 0) {
        break;
      }
      batch.addItems(unsent.remove());
    }
    sending = batch.getItemsCount() > 0;
    if (sending) {
      var unused =
          wire.stream()
              .send(SessionCall.newBuilder().setPutItems(batch))
              .reply()
              .whenComplete((reply, error) -> confirmed(error));
    }
  }

  private void confirmed(@Nullable Throwable error) {
    synchronized (lock) {
      if (error == null) {
        sendNext();
      } else {
        refusal = error;
        sending = false;
        unsent.clear();
      }
      lock.notifyAll();
    }
  }
}
