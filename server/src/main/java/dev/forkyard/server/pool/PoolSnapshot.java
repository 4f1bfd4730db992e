package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool at one moment.
 *
 * @param incarnation tells apart pools that had the same id
 * @param size how many workers it is to have
 * @param callsPerSecond calls that ended in the last second
 */
public record PoolSnapshot(
    String id,
    long incarnation,
    PoolState state,
    String ownerSessionId,
    int retryLost,
    int maxQueuedCalls,
    Map<String, String> labels,
    int size,
    List<WorkerSnapshot> workers,
    PoolCounts counts,
    double callsPerSecond,
    @Nullable Failure failure) {

  /**
   * One worker at one moment.
   *
   * @param busyTime how long it has had calls to run, in all
   * @param rssBytes resident memory; 0 when it is not known
   */
  public record WorkerSnapshot(
      String processId,
      int pid,
      WorkerState state,
      long callsDone,
      Duration busyTime,
      long rssBytes) {

    WorkerSnapshot withRss(long bytes) {
      return new WorkerSnapshot(processId, pid, state, callsDone, busyTime, bytes);
    }
  }

  PoolSnapshot with(List<WorkerSnapshot> otherWorkers) {
    return new PoolSnapshot(
        id,
        incarnation,
        state,
        ownerSessionId,
        retryLost,
        maxQueuedCalls,
        labels,
        size,
        otherWorkers,
        counts,
        callsPerSecond,
        failure);
  }

  /** The same with another rate. */
  public PoolSnapshot withRate(double rate) {
    return new PoolSnapshot(
        id,
        incarnation,
        state,
        ownerSessionId,
        retryLost,
        maxQueuedCalls,
        labels,
        size,
        workers,
        counts,
        rate,
        failure);
  }

  boolean hasLabels(Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }
}
