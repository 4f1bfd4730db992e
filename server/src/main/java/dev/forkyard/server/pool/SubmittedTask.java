package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.session.Hold;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One submitted call; what changes is guarded by the lock of its {@link SubmittedTasks}. */
final class SubmittedTask {
  /** About what it takes besides its outcome. */
  private static final int BYTES = 500;

  final String id;

  /** Of its chunk. */
  final int number;

  private final FunctionName function;
  private final Instant submitTime;

  /** Those who wait for its end. */
  final Set<TaskWait> waits = new LinkedHashSet<>();

  /** Seen with a worker. */
  private boolean hasRun;

  private @Nullable Payload result;
  private Hold hold = Hold.NOTHING;
  private @Nullable Failure failure;
  private @Nullable Instant endTime;

  SubmittedTask(String id, int number, FunctionName function, Instant submitTime) {
    this.id = id;
    this.number = number;
    this.function = function;
    this.submitTime = submitTime;
  }

  boolean hasEnded() {
    return endTime != null;
  }

  /**
   * @param itsHold of what handles in the result refer to, until the task is forgotten
   */
  void succeed(Payload itsResult, Hold itsHold, Instant now) {
    result = itsResult;
    hold = itsHold;
    endTime = now;
  }

  void fail(Failure itsFailure, Instant now) {
    failure = itsFailure;
    endTime = now;
  }

  /** Of what handles in its result refer to. */
  Hold hold() {
    return hold;
  }

  /** About how much memory it takes. */
  long bytes() {
    long outcome = result == null ? 0 : result.sizeBytes();
    if (failure != null) {
      outcome +=
          2L
              * (failure.message().length()
                  + failure.stackText().length()
                  + failure.stderrTail().length());
    }
    return BYTES + 2L * function.name().length() + outcome;
  }

  /**
   * As it is now; a worker has it, or not, if it has not ended. One that was seen with a worker is
   * not seen without one again: between its answer and its end, nobody has it.
   */
  TaskSnapshot snapshot(boolean isAssigned) {
    hasRun |= isAssigned;
    TaskState state = hasRun ? TaskState.RUNNING : TaskState.QUEUED;
    if (hasEnded()) {
      state = failure == null ? TaskState.SUCCEEDED : TaskState.FAILED;
    }
    return new TaskSnapshot(id, state, function, result, failure, submitTime, endTime);
  }
}
