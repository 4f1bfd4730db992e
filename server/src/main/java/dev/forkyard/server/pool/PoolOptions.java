package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Labels;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.worker.WorkerSpec;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is made of.
 *
 * @param workers how many, as {@link #workers(int, int)} answers it
 * @param retryLost how often a call is run again after its worker died
 * @param initializer the one call with which a worker begins; null for none
 * @param maxCallsPerWorker after how many calls a worker is replaced; 0 for never
 * @param callTimeout longest time of one call; null for ever
 * @param cancelGrace time between the cancel of a running call and TERM, and until KILL
 * @param maxQueuedCalls most calls that wait for a worker; 0 for the default
 */
public record PoolOptions(
    WorkerSpec worker,
    int workers,
    int retryLost,
    @Nullable ChunkRequest initializer,
    int maxCallsPerWorker,
    @Nullable Duration callTimeout,
    Duration cancelGrace,
    int maxQueuedCalls,
    Map<String, String> labels) {
  public static final Duration DEFAULT_CANCEL_GRACE = Duration.ofSeconds(2);

  private static final int MOST_RETRIES = 100;
  private static final int DEFAULT_QUEUED_CALLS = 100_000;

  /**
   * Checks everything but the number of workers.
   *
   * @throws Fault INVALID_ARGUMENT
   */
  public PoolOptions {
    if (retryLost < 0 || retryLost > MOST_RETRIES) {
      throw Fault.invalid("retry_lost", "retry_lost must be 0 to 100.").with("value", retryLost);
    }
    if (maxCallsPerWorker < 0) {
      throw Fault.invalid(
              "max_calls_per_worker", "max_calls_per_worker must be at least 1, or 0 for never.")
          .with("value", maxCallsPerWorker);
    }
    if (callTimeout != null && callTimeout.isZero()) {
      throw Fault.invalid(
          "call_timeout", "call_timeout must be more than \"0s\"; leave it out for no limit.");
    }
    if (maxQueuedCalls < 0) {
      throw Fault.invalid(
              "max_queued_calls", "max_queued_calls must be at least 1, or 0 for 100000.")
          .with("value", maxQueuedCalls);
    }
    maxQueuedCalls = maxQueuedCalls == 0 ? DEFAULT_QUEUED_CALLS : maxQueuedCalls;
    labels = Labels.checked(labels);
  }

  /**
   * How many workers a new pool has.
   *
   * @param asked how many; 0 for one a usable processor
   * @throws Fault INVALID_ARGUMENT, TOO_MANY_WORKERS
   */
  public static int workers(int asked, int most) {
    return asked == 0
        ? Math.min(most, Runtime.getRuntime().availableProcessors())
        : resized(asked, most);
  }

  /**
   * How many workers a pool is to have from now on.
   *
   * @throws Fault INVALID_ARGUMENT, TOO_MANY_WORKERS
   */
  public static int resized(int asked, int most) {
    if (asked < 1) {
      throw Fault.invalid("workers", "workers must be at least 1.").with("value", asked);
    }
    if (asked > most) {
      throw new Fault(
              Reason.TOO_MANY_WORKERS, "A pool has at most " + most + " workers; ask for fewer.")
          .with("limit", most)
          .with("value", asked);
    }
    return asked;
  }
}
