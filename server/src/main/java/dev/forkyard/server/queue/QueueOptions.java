package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;

/**
 * How a queue is made.
 *
 * @param capacity most ready items
 * @param capacityBytes most ready bytes
 * @param maxPriority highest priority of an item
 * @param deadAfterCrashes losses by its takers after which an item is a dead letter
 * @param deadAfterReleases releases after which an item is a dead letter; 0 for never
 */
public record QueueOptions(
    int capacity,
    long capacityBytes,
    int maxPriority,
    int deadAfterCrashes,
    int deadAfterReleases) {
  /** So many items of a queue may be leased at one time, */
  static final int MOST_LEASED = 1_000_000;

  /** and so many bytes. */
  static final long MOST_LEASED_BYTES = 1L << 30;

  private static final int MOST_ITEMS = 10_000_000;
  private static final long MOST_BYTES = 1L << 30;
  private static final int HIGHEST_PRIORITY = 9;
  private static final int MOST_CRASHES = 1_000;
  private static final int MOST_RELEASES = 1_000_000;

  /**
   * Puts defaults in place of zeros.
   *
   * @throws Fault INVALID_ARGUMENT
   */
  public static QueueOptions of(
      int capacity,
      long capacityBytes,
      int maxPriority,
      int deadAfterCrashes,
      int deadAfterReleases) {
    check("capacity", capacity, MOST_ITEMS, "1 to 10000000 items, or 0 for 10000");
    check("capacity_bytes", capacityBytes, MOST_BYTES, "1 to 1073741824, or 0 for 67108864");
    check("max_priority", maxPriority, HIGHEST_PRIORITY, "0 to 9");
    check("dead_after_crashes", deadAfterCrashes, MOST_CRASHES, "1 to 1000, or 0 for 3");
    check("dead_after_releases", deadAfterReleases, MOST_RELEASES, "1 to 1000000, or 0 for never");
    return new QueueOptions(
        capacity == 0 ? 10_000 : capacity,
        capacityBytes == 0 ? 64L << 20 : capacityBytes,
        maxPriority,
        deadAfterCrashes == 0 ? 3 : deadAfterCrashes,
        deadAfterReleases);
  }

  private static void check(String field, long value, long most, String allowed) {
    if (value < 0 || value > most) {
      throw Fault.invalid(field, field + " must be " + allowed + ".").with("value", value);
    }
  }

  String inWords() {
    return "capacity "
        + capacity
        + ", capacity_bytes "
        + capacityBytes
        + ", max_priority "
        + maxPriority
        + ", dead_after_crashes "
        + deadAfterCrashes
        + ", dead_after_releases "
        + deadAfterReleases;
  }
}
