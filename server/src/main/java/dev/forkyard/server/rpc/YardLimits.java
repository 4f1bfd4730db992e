package dev.forkyard.server.rpc;

/** Bounds of the daemon on what clients can make it hold. */
public record YardLimits(
    int messageBytes,
    int processes,
    int waitingCalls,
    int sessions,
    int queues,
    int pipes,
    int pools,
    int poolWorkers) {
  public static final YardLimits DEFAULT =
      new YardLimits(4 << 20, 10_000, 10_000, 10_000, 10_000, 10_000, 1_000, 1_000);
}
