package dev.forkyard.client;

/**
 * How a queue is made. Immutable: each method answers a changed copy.
 *
 * @param capacity most items that may be ready at one time; 0 for the daemon's default of 10,000
 * @param capacityBytes most bytes of ready items; 0 for the daemon's default of 64 MiB
 */
public record QueueOptions(int capacity, long capacityBytes) {
  /**
   * Makes sure that the limits make sense.
   *
   * @param capacity most items that may be ready at one time; 0 for the daemon's default of 10,000
   * @param capacityBytes most bytes of ready items; 0 for the daemon's default of 64 MiB
   */
  public QueueOptions {
    if (capacity < 0 || capacityBytes < 0) {
      throw new IllegalArgumentException("a capacity cannot be negative");
    }
  }

  /** {@return the daemon's defaults} */
  public static QueueOptions defaults() {
    return new QueueOptions(0, 0);
  }

  /**
   * {@return options with a limit of items}
   *
   * @param capacity most items that may be ready at one time, at least 1
   */
  public static QueueOptions capacity(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a queue needs a capacity of at least 1");
    }
    return new QueueOptions(capacity, 0);
  }

  /**
   * Limits the bytes of ready items.
   *
   * @param bytes the limit; 0 for the daemon's default
   * @return the changed copy
   */
  public QueueOptions withCapacityBytes(long bytes) {
    return new QueueOptions(capacity, bytes);
  }
}
