package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.WorkerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a pool at one moment.
 *
 * @param id its id
 * @param state where it is in its life
 * @param size how many workers it is to have
 * @param labels values by key, as they were given at its creation
 * @param workers its workers
 * @param queued calls accepted and not yet given to a worker
 * @param assigned calls given to workers and not yet finished
 * @param done calls that returned
 * @param failed calls that ended with a failure
 * @param callsPerSecond how many calls ended per second: in the last second, or in a watch since
 *     the state before
 * @param workersLost workers that ended unasked, or did not get ready
 * @param failure why the pool failed; empty while it is well
 */
public record PoolStats(
    String id,
    State state,
    int size,
    Map<String, String> labels,
    List<Worker> workers,
    long queued,
    long assigned,
    long done,
    long failed,
    double callsPerSecond,
    long workersLost,
    Optional<TaskFailedException> failure) {

  /** Where a pool is in its life. */
  public enum State {
    /** It takes and runs calls. */
    OPEN,
    /** It takes no more calls and runs those that it has. */
    CLOSING,
    /** It was closed, every call is done and its workers have ended. */
    CLOSED,
    /** Its workers cannot be started, or its initializer fails. */
    FAILED,
    /** It was terminated. */
    TERMINATED
  }

  /** Where a worker is in its life. */
  public enum WorkerState {
    /** Started, not yet ready for work. */
    STARTING,
    /** Ready and without work. */
    IDLE,
    /** Running a call. */
    BUSY,
    /** Finishing what it has, then leaving. */
    LEAVING
  }

  /**
   * One worker.
   *
   * @param processId id of its process; empty while that is being started
   * @param pid its pid in the operating system; 0 while its process is being started
   * @param state where it is in its life
   * @param callsDone calls that it has finished
   * @param busyTime how long it has had calls to run, in all
   * @param rssBytes its resident memory in bytes; 0 if it is not known
   */
  public record Worker(
      String processId,
      int pid,
      WorkerState state,
      long callsDone,
      Duration busyTime,
      long rssBytes) {
    static Worker of(WorkerInfo info) {
      return new Worker(
          info.getProcessId(),
          info.getPid(),
          state(info),
          info.getCallsDone(),
          Protos.duration(info.getBusyTime()),
          info.getRssBytes());
    }

    private static WorkerState state(WorkerInfo info) {
      return switch (info.getState()) {
        case WORKER_STATE_IDLE -> WorkerState.IDLE;
        case WORKER_STATE_BUSY -> WorkerState.BUSY;
        case WORKER_STATE_LEAVING -> WorkerState.LEAVING;
        case WORKER_STATE_STARTING, WORKER_STATE_UNSPECIFIED, UNRECOGNIZED -> WorkerState.STARTING;
      };
    }
  }

  static PoolStats of(PoolInfo info) {
    return new PoolStats(
        info.getPoolId(),
        state(info),
        info.getSize(),
        info.getLabelsMap(),
        info.getWorkersList().stream().map(Worker::of).toList(),
        info.getCallsQueued(),
        info.getCallsAssigned(),
        info.getCallsDone(),
        info.getCallsFailed(),
        info.getCallsPerSecond(),
        info.getWorkersLost(),
        info.hasFailure() ? Optional.of(Errors.taskFailed(info.getFailure())) : Optional.empty());
  }

  private static State state(PoolInfo info) {
    return switch (info.getState()) {
      case POOL_STATE_CLOSING -> State.CLOSING;
      case POOL_STATE_CLOSED -> State.CLOSED;
      case POOL_STATE_FAILED -> State.FAILED;
      case POOL_STATE_TERMINATED -> State.TERMINATED;
      case POOL_STATE_OPEN, POOL_STATE_UNSPECIFIED, UNRECOGNIZED -> State.OPEN;
    };
  }
}
