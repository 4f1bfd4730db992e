package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import java.time.Duration;

/** How long an item may be leased. */
final class LeaseTime {
  private static final Duration LONGEST = Duration.ofHours(1);

  private LeaseTime() {}

  /**
   * @throws Fault INVALID_ARGUMENT
   */
  static void check(Duration lease) {
    if (lease.isNegative() || lease.isZero() || lease.compareTo(LONGEST) > 0) {
      throw Fault.invalid("lease", "lease must be more than 0 and at most 1 hour (\"3600s\").")
          .with("value", lease.toSeconds() + "s");
    }
  }
}
