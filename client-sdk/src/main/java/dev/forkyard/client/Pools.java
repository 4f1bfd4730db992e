package dev.forkyard.client;

import dev.forkyard.client.internal.LocalDefaults;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;

/** Creates pools of worker processes. Thread-safe. */
public final class Pools {
  private final Wire wire;

  Pools(Wire wire) {
    this.wire = wire;
  }

  /**
   * Creates a pool and has its workers started; does not wait for them. They run the caller's class
   * path with the caller's Java, working directory and environment.
   *
   * @param options how to make it
   * @return the pool
   * @throws ForkyardException with reason POOL_EXISTS if the id is taken, TOO_MANY_WORKERS
   */
  public ProcessPool create(PoolOptions options) {
    CreatePoolRequest request =
        CreatePoolRequest.newBuilder()
            .setPoolId(options.id())
            .setWorker(LocalDefaults.worker(options.jvmFlags(), options.env()))
            .setWorkers(options.workers())
            .setRetryLost(options.retryLost())
            .setOwnerSessionId(options.id().isEmpty() ? wire.sessionId() : "")
            .build();
    PoolInfo pool = wire.call(PoolServiceGrpc.getCreatePoolMethod(), request).getPool();
    int workers = Math.max(pool.getWorkersCount(), Math.max(1, options.workers()));
    return new ProcessPool(wire, pool.getPoolId(), workers);
  }
}
