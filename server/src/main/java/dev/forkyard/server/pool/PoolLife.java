package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.pool.PoolState.Event;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a pool is in its life, why it failed, and who wants to know of its end. Guarded by the
 * pool's lock.
 */
final class PoolLife {
  private final String poolId;
  private final Set<Runnable> listeners = new LinkedHashSet<>();
  private PoolState state = PoolState.OPEN;
  private @Nullable Failure failure;
  private boolean over;

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
    return state.isRunning();
  }

  /** True when it has ended and has no workers any more. */
  boolean isOver() {
    return over;
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
    return true;
  }

  void fail(Failure why) {
    if (happens(Event.WORKERS_CANNOT_START)) {
      failure = why;
    }
  }

  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** Ends it for good; answers who wants to know. */
  List<Runnable> finish() {
    over = true;
    List<Runnable> all = new ArrayList<>(listeners);
    listeners.clear();
    return all;
  }
}
