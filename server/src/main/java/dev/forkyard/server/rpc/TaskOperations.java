package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.TaskSnapshot;
import dev.forkyard.v1.CancelTasksRequest;
import dev.forkyard.v1.CancelTasksResponse;
import dev.forkyard.v1.GetTaskRequest;
import dev.forkyard.v1.GetTaskResponse;
import dev.forkyard.v1.ListTasksRequest;
import dev.forkyard.v1.ListTasksResponse;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.SubmitTasksResponse;
import dev.forkyard.v1.TaskState;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WaitTasksResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What PoolService does with submitted tasks. Each may throw a fault. */
final class TaskOperations {
  private static final int MOST_TASKS = 1000;

  private final PoolManager pools;
  private final RequestMemory<List<String>> submissions;

  TaskOperations(PoolManager pools, Scheduler scheduler, WaiterLimit waiters) {
    this.pools = pools;
    this.submissions =
        RequestMemory.usual(
            scheduler,
            waiters,
            new RequestMemory.Answers<>(
                ids -> ids, ids -> ids.stream().mapToLong(String::length).sum()));
  }

  void submit(SubmitTasksRequest request, Reply<SubmitTasksResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    submissions.run(
        request.getRequestId(),
        request,
        reply.from(ids -> SubmitTasksResponse.newBuilder().addAllTaskIds(ids).build()),
        first -> pools.tasks(request.getPoolId()).submit(TaskMessages.of(request), timeout, first));
  }

  void get(GetTaskRequest request, Reply<GetTaskResponse> reply) {
    TaskSnapshot task = pools.tasks(request.getPoolId()).get(request.getTaskId());
    reply.answer(GetTaskResponse.newBuilder().setTask(TaskMessages.wire(task)).build());
  }

  void list(ListTasksRequest request, Reply<ListTasksResponse> reply) {
    Set<TaskState> states = EnumSet.noneOf(TaskState.class);
    states.addAll(request.getStatesList());
    var page =
        pools
            .tasks(request.getPoolId())
            .list(
                request.getPageSize(),
                request.getPageToken(),
                task -> states.isEmpty() || states.contains(TaskMessages.state(task)));
    reply.answer(
        ListTasksResponse.newBuilder()
            .addAllTasks(TaskMessages.listed(page.items()))
            .setNextPageToken(page.nextToken())
            .build());
  }

  void await(WaitTasksRequest request, Reply<WaitTasksResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    pools
        .tasks(request.getPoolId())
        .await(
            ids(request.getTaskIdsList()),
            request.getAny(),
            timeout,
            reply.from(TaskMessages::wire));
  }

  void cancel(CancelTasksRequest request, Reply<CancelTasksResponse> reply) {
    List<TaskSnapshot> tasks =
        pools
            .tasks(request.getPoolId())
            .cancel(ids(request.getTaskIdsList()), request.getRunning());
    reply.answer(CancelTasksResponse.newBuilder().addAllTasks(TaskMessages.listed(tasks)).build());
  }

  private static List<String> ids(List<String> named) {
    if (named.isEmpty() || named.size() > MOST_TASKS) {
      throw Fault.invalid("task_ids", "task_ids must have 1 to 1000 elements; name some tasks.")
          .with("value", named.size());
    }
    return named;
  }
}
