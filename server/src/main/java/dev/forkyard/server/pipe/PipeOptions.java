package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Fault;

/**
 * How a pipe is made.
 *
 * @param capacityBytes most unread bytes in one direction
 * @param simplex messages travel only from the right end to the left
 */
public record PipeOptions(long capacityBytes, boolean simplex) {
  private static final long DEFAULT_BYTES = 1L << 20;
  private static final long MOST_BYTES = 1L << 30;

  /**
   * @param capacityBytes 0 for 1 MiB
   * @throws Fault INVALID_ARGUMENT
   */
  public static PipeOptions of(long capacityBytes, boolean simplex) {
    if (capacityBytes < 0 || capacityBytes > MOST_BYTES) {
      throw Fault.invalid(
              "capacity_bytes", "capacity_bytes must be 1 to 1073741824, or 0 for 1048576.")
          .with("value", capacityBytes);
    }
    return new PipeOptions(capacityBytes == 0 ? DEFAULT_BYTES : capacityBytes, simplex);
  }

  boolean canSend(Side side) {
    return !simplex || side == Side.RIGHT;
  }

  boolean canReceive(Side side) {
    return !simplex || side == Side.LEFT;
  }
}
