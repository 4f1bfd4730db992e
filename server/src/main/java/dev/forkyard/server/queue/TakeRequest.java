package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.session.Session;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a taker wants.
 *
 * @param most most items, at least 1
 * @param timeout how long to wait for the first; null for ever
 * @param session holds the leases and ends them with itself; null for none
 * @param lease how long the items may be held; null for as long as the session lives
 * @param autoAck acknowledges at once
 */
public record TakeRequest(
    int most,
    @Nullable Duration timeout,
    @Nullable Session session,
    @Nullable Duration lease,
    boolean autoAck) {
  private static final int MOST_ITEMS = 10_000;
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);

  public TakeRequest {
    if (most < 1 || most > MOST_ITEMS) {
      throw Fault.invalid("max_items", "max_items must be 1 to 10000, or 0 for 1.")
          .with("value", most);
    }
    if (lease != null
        && (lease.isNegative() || lease.isZero() || lease.compareTo(LONGEST_LEASE) > 0)) {
      throw Fault.invalid("lease", "lease must be more than 0 and at most 1 hour (\"3600s\").")
          .with("value", lease.toSeconds() + "s");
    }
  }
}
