package dev.forkyard.client;

import dev.forkyard.v1.LeasedItem;
import java.util.List;
import java.util.function.Function;

/**
 * An item in the hands of its taker, until it is acknowledged or given back. When this process dies
 * or its session ends before, the item goes back to its old place. Thread-safe.
 *
 * @param <T> type of the item
 */
public final class Lease<T> {
  private final Wire wire;
  private final Taker taker;
  private final LeasedItem item;
  private final Function<LeasedItem, T> decoder;

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

  /** {@return how often the item was taken, this time included} */
  public int attempt() {
    return item.getAttempt();
  }

  /**
   * Says that the item is done; returns when the daemon has removed it.
   *
   * @throws ForkyardException with reason LEASE_LOST if it was acknowledged or given back before
   */
  public void ack() {
    wire.call(taker.ackCall(item));
  }

  /**
   * Gives the item back to its old place; returns when it is there.
   *
   * @throws ForkyardException with reason LEASE_LOST if it was acknowledged or given back before
   */
  public void nack() {
    wire.call(taker.releaseCall(List.of(item)));
  }
}
