package dev.forkyard.client;

import dev.forkyard.v1.CreatePipeRequest;
import java.util.UUID;

/**
 * How a pipe is made. Immutable: each method answers a changed copy.
 *
 * <p>Where nothing else is said, both ends send and receive, and 1 MiB of messages may wait to be
 * received in each direction.
 */
public final class PipeOptions {
  private static final PipeOptions DEFAULTS = new PipeOptions(false, 0);

  private final boolean isSimplex;
  private final long capacityBytes;

  private PipeOptions(boolean isSimplex, long capacityBytes) {
    this.isSimplex = isSimplex;
    this.capacityBytes = capacityBytes;
  }

  /** {@return the daemon's defaults} */
  public static PipeOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Has the left end only receive and the right end only send. What an end does not do is refused
   * with reason PIPE_READ_ONLY or PIPE_WRITE_ONLY.
   *
   * @return the changed copy
   */
  public PipeOptions simplex() {
    return new PipeOptions(true, capacityBytes);
  }

  /**
   * Limits the bytes that may wait to be received in one direction. A single message is let into an
   * empty pipe whatever its size.
   *
   * @param bytes the limit, 1 to 1 GiB
   * @return the changed copy
   */
  public PipeOptions capacityBytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a pipe needs room for at least 1 byte, not " + bytes);
    }
    return new PipeOptions(isSimplex, bytes);
  }

  CreatePipeRequest toRequest(String ownerSessionId) {
    return CreatePipeRequest.newBuilder()
        .setOwnerSessionId(ownerSessionId)
        .setSimplex(isSimplex)
        .setCapacityBytes(capacityBytes)
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }
}
