package dev.forkyard.client;

import dev.forkyard.v1.CreatePipeRequest;
import java.util.UUID;

/**
 * How a pipe is made. Immutable. Where nothing else is said, 1 MiB of messages may wait to be
 * received in each direction.
 */
public final class PipeOptions {
  private static final PipeOptions DUPLEX = new PipeOptions(false, 0);
  private static final PipeOptions SIMPLEX = new PipeOptions(true, 0);

  private final boolean isSimplex;
  private final long capacityBytes;

  private PipeOptions(boolean isSimplex, long capacityBytes) {
    this.isSimplex = isSimplex;
    this.capacityBytes = capacityBytes;
  }

  /** {@return a pipe whose ends both send and receive} */
  public static PipeOptions duplex() {
    return DUPLEX;
  }

  /**
   * {@return a pipe whose left end only receives and whose right end only sends} What an end does
   * not do is refused with reason PIPE_READ_ONLY or PIPE_WRITE_ONLY.
   */
  public static PipeOptions simplex() {
    return SIMPLEX;
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
