package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.pool.PoolState.Event;
import org.jspecify.annotations.Nullable;

/** Where a pool is in its life, and why it failed. Guarded by the pool's lock. */
final class PoolLife {
  private final String poolId;
  private PoolState state = PoolState.OPEN;
  private @Nullable Failure failure;

  PoolLife(String poolId) {
    this.poolId = poolId;
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
    return state == PoolState.OPEN;
  }

  /** Why calls are not run. */
  Failure whyNotRunning() {
    return failure != null
        ? failure
        : Failure.of(
            Kind.CANCELLED, "The pool \"" + poolId + "\" was terminated before the call finished.");
  }

  boolean allows(Event event) {
    return PoolState.TABLE.allows(state, event);
  }

  void change(Event event) {
    state = PoolState.TABLE.after(state, event);
  }

  void fail(Failure why) {
    change(Event.WORKERS_CANNOT_START);
    failure = why;
  }
}
