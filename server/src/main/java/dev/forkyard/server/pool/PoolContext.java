package dev.forkyard.server.pool;

import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.session.Handles;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What a pool uses of the daemon.
 *
 * @param arguments what the calls of all pools may hold
 * @param nanoTime a clock for durations
 * @param submitting what the submitted tasks of all pools share
 */
record PoolContext(
    WorkerStarter starter,
    Handles handles,
    Scheduler scheduler,
    WaiterLimit waiters,
    ArgumentBudget arguments,
    LongSupplier nanoTime,
    SubmittedTasks.Context submitting) {

  /** Starts and stops the processes of workers. Called outside of every lock; does not wait. */
  interface WorkerStarter {
    void start(Slot slot);

    /**
     * @param grace between TERM and KILL
     */
    void stop(String processId, Duration grace, ExitCause cause);
  }
}
