package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.pool.PoolState.Event;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Where a pool is in its life, and why it failed. Guarded by the pool's lock. */
final class PoolLife {
  private final String poolId;
  private final LongSupplier nanoTime;
  private PoolState state = PoolState.OPEN;
  private @Nullable Failure failure;
  private @Nullable Long endNanos;

  PoolLife(String poolId, LongSupplier nanoTime) {
    this.poolId = poolId;
    this.nanoTime = nanoTime;
  }

  PoolState state() {
    return state;
  }

  /** Why the pool failed; null while it is well. */
  @Nullable Failure failure() {
    return failure;
  }

  /** True while calls are run. */
  boolean isRunning() {
    return state.isRunning();
  }

  /** When it ended; null while it runs. */
  @Nullable Long endNanos() {
    return endNanos;
  }

  /**
   * @throws dev.forkyard.server.core.Fault POOL_CLOSED unless calls are taken, if only to fail with
   *     the failure of the pool
   */
  void checkTakesCalls() {
    if (state != PoolState.OPEN && state != PoolState.FAILED) {
      throw PoolFaults.closed(poolId, state);
    }
  }

  /** Why calls are not run. */
  Failure whyNotRunning() {
    return failure != null ? failure : PoolFaults.terminated(poolId);
  }

  /** Goes on, if that can happen in this state; false otherwise. */
  boolean happens(Event event) {
    if (!PoolState.TABLE.allows(state, event)) {
      return false;
    }
    state = PoolState.TABLE.after(state, event);
    if (!state.isRunning()) {
      endNanos = nanoTime.getAsLong();
    }
    return true;
  }

  void fail(Failure why) {
    if (happens(Event.WORKERS_CANNOT_START)) {
      failure = why;
    }
  }
}
