package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a taker wants.
 *
 * @param most most items, at least 1
 * @param number the only item that is wanted, if it is ready; 0 for those at the front
 * @param timeout how long to wait for the first; null for ever
 * @param session holds the leases and ends them with itself; null for none
 * @param lease how long the items may be held; null for as long as the session lives
 * @param mode what a lease means
 */
public record TakeRequest(
    int most,
    long number,
    @Nullable Duration timeout,
    @Nullable Session session,
    @Nullable Duration lease,
    Mode mode) {
  private static final int MOST_ITEMS = 10_000;

  /** What a lease means. */
  public enum Mode {
    /** The taker works on the item until it says that it is done. */
    WORK,
    /** The taker does not work on the item yet. */
    AHEAD,
    /** There is none: the item is done when it is taken. */
    AUTO_ACK
  }

  public TakeRequest {
    if (most < 1 || most > MOST_ITEMS) {
      throw Fault.invalid("max_items", "max_items must be 1 to 10000, or 0 for 1.")
          .with("value", most);
    }
    if (number < 0) {
      throw Fault.invalid("number", "number must be that of an item, or 0 for any.")
          .with("value", number);
    }
    if (lease != null) {
      LeaseTime.check(lease);
    }
  }
}
