package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.pool.SubmittedTasks.Awaited;
import dev.forkyard.server.pool.TaskSnapshot;
import dev.forkyard.server.pool.TaskSubmission;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.TaskInfo;
import dev.forkyard.v1.TaskState;
import dev.forkyard.v1.WaitTasksResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Submitted tasks on the wire. */
final class TaskMessages {
  /** Outcomes of one answer, so that clients with the usual limit of 4 MiB can take it. */
  private static final int MOST_OUTCOME_BYTES = 3 << 20;

  private TaskMessages() {}

  /**
   * @throws Fault INVALID_ARGUMENT for arguments that are no JSON arrays
   */
  static TaskSubmission of(SubmitTasksRequest request) {
    List<Payload> arguments = new ArrayList<>();
    for (int i = 0; i < request.getArgumentsCount(); i++) {
      arguments.add(PoolMessages.arguments("arguments[" + i + "]", request.getArguments(i)));
    }
    if (arguments.isEmpty()) {
      arguments.add(Payloads.json("[]"));
    }
    return new TaskSubmission(FunctionMessages.of(request.getFunction()), arguments);
  }

  static TaskState state(TaskSnapshot task) {
    return TaskState.valueOf("TASK_STATE_" + task.state().name());
  }

  static TaskInfo wire(TaskSnapshot task) {
    TaskInfo.Builder wire = withFailure(task);
    if (task.result() != null) {
      wire.setResult(Payloads.wire(task.result()));
    }
    return wire.build();
  }

  private static TaskInfo.Builder withFailure(TaskSnapshot task) {
    TaskInfo.Builder wire = bare(task);
    if (task.failure() != null) {
      wire.setFailure(FailureMessages.wire(task.failure()));
    }
    return wire;
  }

  private static TaskInfo.Builder bare(TaskSnapshot task) {
    TaskInfo.Builder wire =
        TaskInfo.newBuilder()
            .setTaskId(task.id())
            .setState(state(task))
            .setFunction(FunctionMessages.wire(task.function()))
            .setSubmitTime(Times.wire(task.submitTime()));
    if (task.endTime() != null) {
      wire.setEndTime(Times.wire(task.endTime()));
    }
    return wire;
  }

  /** Without results, and with as many failures as fit into one answer. */
  static List<TaskInfo> listed(List<TaskSnapshot> tasks) {
    return fitting(tasks, task -> withFailure(task).build());
  }

  /** With as many outcomes as fit into one answer. */
  private static List<TaskInfo> fitting(
      List<TaskSnapshot> tasks, Function<TaskSnapshot, TaskInfo> whole) {
    List<TaskInfo> told = new ArrayList<>(tasks.size());
    long bytes = 0;
    for (TaskSnapshot task : tasks) {
      TaskInfo info = whole.apply(task);
      boolean fits = bytes + info.getSerializedSize() <= MOST_OUTCOME_BYTES;
      told.add(fits ? info : bare(task).build());
      bytes += fits ? info.getSerializedSize() : 0;
    }
    return told;
  }

  static WaitTasksResponse wire(Awaited awaited) {
    return WaitTasksResponse.newBuilder()
        .setTimedOut(awaited.timedOut())
        .addAllTasks(fitting(awaited.tasks(), TaskMessages::wire))
        .build();
  }
}
