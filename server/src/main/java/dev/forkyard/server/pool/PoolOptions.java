package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.worker.WorkerSpec;

/**
 * What a pool is made of.
 *
 * @param workers how many
 * @param retryLost how often a call is run again after its worker died
 */
public record PoolOptions(WorkerSpec worker, int workers, int retryLost) {
  private static final int MOST_RETRIES = 100;

  /**
   * @param workers how many; 0 for one a usable processor
   */
  public static PoolOptions of(WorkerSpec worker, int workers, int retryLost, int mostWorkers) {
    if (workers < 0) {
      throw Fault.invalid("workers", "workers must be at least 1, or 0 for one a usable processor.")
          .with("value", workers);
    }
    if (workers > mostWorkers) {
      throw new Fault(
              Reason.TOO_MANY_WORKERS,
              "A pool has at most " + mostWorkers + " workers; ask for fewer.")
          .with("limit", mostWorkers)
          .with("value", workers);
    }
    if (retryLost < 0 || retryLost > MOST_RETRIES) {
      throw Fault.invalid("retry_lost", "retry_lost must be 0 to 100.").with("value", retryLost);
    }
    int count = workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
    return new PoolOptions(worker, count, retryLost);
  }
}
