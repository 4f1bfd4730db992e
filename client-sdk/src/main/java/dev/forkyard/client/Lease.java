package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ExtendLeasesRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.SessionCall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An item in the hands of its taker, until it is acknowledged or given back. When this process dies
 * or its session ends before, the item goes back to its old place. Thread-safe.
 *
 * <p>Closing it gives the item back if nothing else was done with it, so that work that fails keeps
 * no item from others:
 *
 * <pre>{@code
 * try (Lease<Job> lease = jobs.lease()) {
 *   lease.value().run();
 *   lease.ack();
 * }
 * }</pre>
 *
 * @param <T> type of the item
 */
public final class Lease<T> implements AutoCloseable {
  private final Wire wire;
  private final Taker taker;
  private final LeasedItem item;
  private final Function<LeasedItem, T> decoder;
  private volatile boolean settled;

  Lease(Wire wire, Taker taker, LeasedItem item, Function<LeasedItem, T> decoder) {
    this.wire = wire;
    this.taker = taker;
    this.item = item;
    this.decoder = decoder;
  }

  /**
   * Decodes the item.
   *
   * @return the item
   * @throws ForkyardException with reason NOT_CONVERTIBLE or NULL_ITEM if it is no {@code T}
   */
  public T value() {
    return decoder.apply(item);
  }

  /**
   * {@return how often the item was taken, this time included} More than 1 means that somebody may
   * have worked on it before.
   */
  public int attempt() {
    return item.getAttempt();
  }

  /** {@return the number of the item, unique in its queue; it stays when the item goes back} */
  public long number() {
    return item.getNumber();
  }

  /** {@return the priority of the item} */
  public int priority() {
    return item.getPriority();
  }

  /** {@return what its sender said of the item, by key} */
  public Map<String, String> attributes() {
    return item.getAttributesMap();
  }

  /**
   * {@return what proves this lease, for the unary calls of {@code QueueService}} No other lease
   * has the same, so it also tells a late writer from the one that has the item now.
   */
  public String token() {
    return item.getToken();
  }

  /**
   * Says that the item is done; returns when the daemon has removed it.
   *
   * @throws ForkyardException with reason LEASE_LOST if the lease has ended before: the item was
   *     acknowledged, given back or given up, or its time was over
   */
  public void ack() {
    settle(taker.ackCall(item));
  }

  /**
   * Gives the item back to its old place; returns when it is there. It is the next to be taken
   * then, unless it was given back {@linkplain QueueOptions#deadAfterReleases too often}.
   *
   * @throws ForkyardException as {@link #ack}
   */
  public void nack() {
    settle(taker.releaseCall(release()));
  }

  /**
   * Gives the item up: it cannot be worked on, by anybody. It is a {@linkplain
   * RemoteQueue#deadLetters dead letter} then.
   *
   * @param reason why, for whoever looks at the dead letters; at most 4 KiB
   * @throws ForkyardException as {@link #ack}; with reason INVALID_ARGUMENT if that is longer, in
   *     which case the lease goes on
   */
  public void deadLetter(String reason) {
    settle(taker.releaseCall(release().setGiveUp(true).setReason(reason)));
  }

  /** Gives the item back as if it had not been taken, if it is still held. */
  void returnUnused() {
    GiveUp.ifHeld(() -> settle(taker.releaseCall(release().setUnused(true))));
  }

  /**
   * Has the lease run out: when the time is over, the item is taken from this process as if it had
   * died. Without this the lease lasts as long as the session, also for a process that hangs.
   *
   * @param time how long from now on, more than zero and at most 1 hour; doing it again before the
   *     time is over gives more
   * @throws ForkyardException as {@link #ack}; with reason INVALID_ARGUMENT for another time
   */
  public void extend(Duration time) {
    wire.call(
        SessionCall.newBuilder()
            .setExtendLeases(
                ExtendLeasesRequest.newBuilder()
                    .setQueueId(taker.queueId())
                    .addTokens(item.getToken())
                    .setLease(Protos.duration(time))));
  }

  /**
   * Gives the item back, as {@link #nack}, if it was neither acknowledged, given back nor given up.
   * Says nothing if the lease has ended otherwise, as when the queue, the session or the daemon is
   * gone.
   */
  @Override
  public void close() {
    if (!settled) {
      GiveUp.ifHeld(this::nack);
    }
  }

  @Override
  public String toString() {
    return "Lease[item " + number() + " of " + taker.queueId() + "]";
  }

  private ReleaseItemsRequest.Builder release() {
    return taker.release(List.of(item));
  }

  private void settle(SessionCall.Builder call) {
    wire.call(call);
    settled = true;
  }
}
