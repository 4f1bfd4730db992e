package dev.forkyard.client;

import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.WorkerInfo;
import java.util.List;

/**
 * The state of a pool at one moment.
 *
 * @param workers its workers
 * @param queued calls accepted and not yet given to a worker
 * @param assigned calls given to workers and not yet finished
 * @param done calls that returned
 * @param failed calls that ended with a failure
 * @param workersLost workers that died and were replaced
 */
public record PoolStats(
    List<Worker> workers, long queued, long assigned, long done, long failed, long workersLost) {

  /** Where a worker is in its life. */
  public enum WorkerState {
    /** Started, not yet ready for work. */
    STARTING,
    /** Ready and without work. */
    IDLE,
    /** Running a call. */
    BUSY,
    /** Dead; it will be replaced. */
    LOST,
    /** Finishing what it has, then leaving. */
    LEAVING
  }

  /**
   * One worker.
   *
   * @param processId id of its process
   * @param pid its pid in the operating system
   * @param state where it is in its life
   * @param callsDone calls that it has finished
   */
  public record Worker(String processId, int pid, WorkerState state, long callsDone) {
    static Worker of(WorkerInfo info) {
      return new Worker(info.getProcessId(), info.getPid(), state(info), info.getCallsDone());
    }

    private static WorkerState state(WorkerInfo info) {
      return switch (info.getState()) {
        case WORKER_STATE_IDLE -> WorkerState.IDLE;
        case WORKER_STATE_BUSY -> WorkerState.BUSY;
        case WORKER_STATE_LOST -> WorkerState.LOST;
        case WORKER_STATE_LEAVING -> WorkerState.LEAVING;
        case WORKER_STATE_STARTING, WORKER_STATE_UNSPECIFIED, UNRECOGNIZED -> WorkerState.STARTING;
      };
    }
  }

  static PoolStats of(PoolInfo info) {
    return new PoolStats(
        info.getWorkersList().stream().map(Worker::of).toList(),
        info.getCallsQueued(),
        info.getCallsAssigned(),
        info.getCallsDone(),
        info.getCallsFailed(),
        info.getWorkersLost());
  }
}
