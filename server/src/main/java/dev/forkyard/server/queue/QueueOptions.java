package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;

/** Bounds of a queue. */
public record QueueOptions(int capacity, long capacityBytes) {
  private static final int MOST_ITEMS = 10_000_000;
  private static final long MOST_BYTES = 1L << 30;

  /**
   * @param capacity most ready items; 0 for the default
   * @param capacityBytes most ready bytes; 0 for the default
   * @throws Fault INVALID_ARGUMENT
   */
  public static QueueOptions of(int capacity, long capacityBytes) {
    if (capacity < 0 || capacity > MOST_ITEMS) {
      throw Fault.invalid("capacity", "capacity must be 1 to 10000000 items, or 0 for 10000.")
          .with("value", capacity);
    }
    if (capacityBytes < 0 || capacityBytes > MOST_BYTES) {
      throw Fault.invalid(
              "capacity_bytes", "capacity_bytes must be 1 to 1073741824, or 0 for 67108864.")
          .with("value", capacityBytes);
    }
    return new QueueOptions(
        capacity == 0 ? 10_000 : capacity, capacityBytes == 0 ? 64L << 20 : capacityBytes);
  }

  String inWords() {
    return "capacity " + capacity + " and capacity_bytes " + capacityBytes;
  }
}
