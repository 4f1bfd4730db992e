package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.CancelTasksRequest;
import dev.forkyard.v1.CompleteTaskRequest;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.GetTaskRequest;
import dev.forkyard.v1.ListTasksRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PollTaskRequest;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.TaskInfo;
import dev.forkyard.v1.TaskState;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WaitTasksResponse;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerServiceGrpc;
import dev.forkyard.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import dev.forkyard.v1.WorkerTask;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Submitted tasks, run by workers in whose place the test speaks. */
class SubmitTasksTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static PoolClient tasks;

  @BeforeAll
  static void start() {
    tasks = new PoolClient(DAEMON.channel());
  }

  private static SubmitTasksRequest request(String... lists) {
    return SubmitTasksRequest.newBuilder()
        .setPoolId("p")
        .setFunction(Function.newBuilder().setName("f"))
        .addAllArguments(List.of(lists).stream().map(PoolClient::json).toList())
        .build();
  }

  private static List<String> submit(String... lists) {
    return tasks.stub().submitTasks(request(lists)).getTaskIdsList();
  }

  private static TaskInfo get(String id) {
    return tasks
        .stub()
        .getTask(GetTaskRequest.newBuilder().setPoolId("p").setTaskId(id).build())
        .getTask();
  }

  private static WaitTasksRequest waiting(List<String> ids) {
    return WaitTasksRequest.newBuilder().setPoolId("p").addAllTaskIds(ids).build();
  }

  private static WorkerServiceBlockingStub worker() {
    return WorkerServiceGrpc.newBlockingStub(DAEMON.channel())
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static String token(WorkerInfo worker) {
    return WorkerProcess.token(worker.getPid());
  }

  private static WorkerTask take(String token) {
    return worker().pollTask(PollTaskRequest.newBuilder().setToken(token).build()).getTask();
  }

  private static void complete(String token, WorkerTask task, String result) {
    worker()
        .completeTask(
            CompleteTaskRequest.newBuilder()
                .setToken(token)
                .setCallId(task.getCallId())
                .setResult(PoolClient.json(result))
                .build());
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(Refusals.reason(refused)).isEqualTo(reason));
  }

  @Test
  void submittedTasksRunWithoutTheirSubmitterAndTheirOutcomesWait() throws Exception {
    tasks.create("p", 1, "sleep", "1000");
    List<String> ids = submit("[\"kel\", 3]", "[]", "[2]");
    assertThat(get(ids.get(0)).getState()).isEqualTo(TaskState.TASK_STATE_QUEUED);
    WorkerInfo first = tasks.awaitWorker("p");
    WorkerTask call = take(token(first));
    assertThat(call.getArguments().getJson()).isEqualTo("[\"kel\", 3]");
    assertThat(get(ids.get(0)).getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    complete(token(first), call, "{\"a\": [1, 2]}");
    take(token(first));
    Future<WaitTasksResponse> all =
        PoolServiceGrpc.newFutureStub(DAEMON.channel()).waitTasks(waiting(ids));
    WorkerProcess.kill(first.getPid());
    String next = token(tasks.awaitWorker("p", first.getProcessId()));
    complete(next, take(next), "2");
    WaitTasksResponse ended = all.get(60, TimeUnit.SECONDS);
    assertThat(ended.getTasksList()).extracting(TaskInfo::getTaskId).isEqualTo(ids);
    assertThat(ended.getTasks(0).getResult().getJson()).isEqualTo("{\"a\": [1, 2]}");
    assertThat(ended.getTasks(1).getFailure().getWorkerExit()).isEqualTo("signal KILL");
    assertThat(ended.getTasks(2).getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    assertThat(ended.getTasks(2).getEndTime().getSeconds()).isPositive();
    ListTasksRequest failed =
        ListTasksRequest.newBuilder().setPoolId("p").addStates(TaskState.TASK_STATE_FAILED).build();
    assertThat(tasks.stub().listTasks(failed).getTasksList())
        .extracting(TaskInfo::getTaskId)
        .containsExactly(ids.get(1));
    var page =
        tasks.stub().listTasks(ListTasksRequest.newBuilder().setPoolId("p").setPageSize(2).build());
    assertThat(page.getTasksList()).hasSize(2).noneMatch(TaskInfo::hasResult);
    assertThat(page.getNextPageToken()).isNotEmpty();
    tasks.end("p");
  }

  @Test
  void argumentsThatAreLeftOutAreNone() {
    tasks.create("p", 1, "sleep", "1000");
    assertThat(submit()).hasSize(1);
    SubmitTasksRequest empty =
        request("[1]").toBuilder().addArguments(Payload.getDefaultInstance()).build();
    assertThat(tasks.stub().submitTasks(empty).getTaskIdsList()).hasSize(2);
    String token = token(tasks.awaitWorker("p"));
    for (String expected : List.of("[]", "[1]", "[]")) {
      WorkerTask call = take(token);
      assertThat(call.getArguments().getJson()).isEqualTo(expected);
      complete(token, call, "0");
    }
    tasks.end("p");
  }

  @Test
  void resultThatDoesNotFitIntoAnAnswerIsGotAlone() {
    tasks.create("p", 1, "sleep", "1000");
    List<String> ids = submit("[]", "[]");
    String token = token(tasks.awaitWorker("p"));
    String large = '"' + "x".repeat(5 << 20) + '"';
    complete(token, take(token), large);
    complete(token, take(token), "2");
    WaitTasksResponse both = tasks.stub().waitTasks(waiting(ids));
    assertThat(both.getTasks(0).hasResult()).isFalse();
    assertThat(both.getTasks(1).getResult().getJson()).isEqualTo("2");
    TaskInfo alone = tasks.stub().waitTasks(waiting(ids.subList(0, 1))).getTasks(0);
    assertThat(alone.hasResult()).isFalse();
    assertThat(alone.getState()).isEqualTo(TaskState.TASK_STATE_SUCCEEDED);
    assertThat(get(ids.get(0)).getResult().getJson()).isEqualTo(large);
    tasks.end("p");
  }

  @Test
  void sameSubmissionTwiceUnderOneRequestIdIsSubmittedOnce() {
    tasks.create("p", 1, "sleep", "1000");
    SubmitTasksRequest request = request("[1]").toBuilder().setRequestId("r1").build();
    List<String> ids = tasks.stub().submitTasks(request).getTaskIdsList();
    assertThat(tasks.stub().submitTasks(request).getTaskIdsList()).isEqualTo(ids);
    assertRefused(
        "REQUEST_ID_REUSED",
        () -> tasks.stub().submitTasks(request("[2]").toBuilder().setRequestId("r1").build()));
    assertThat(tasks.get("p").getCallsQueued()).isEqualTo(1);
    tasks.end("p");
  }

  @Test
  void cancelledTaskFailsAndWhoWaitsIsToldAtOnce() {
    tasks.create("p", 1, "sleep", "1000");
    List<String> ids = submit("[1]", "[2]");
    CancelTasksRequest cancel =
        CancelTasksRequest.newBuilder().setPoolId("p").addTaskIds(ids.get(1)).build();
    assertThat(tasks.stub().cancelTasks(cancel).getTasks(0).getState())
        .isEqualTo(TaskState.TASK_STATE_FAILED);
    WaitTasksRequest any = waiting(ids).toBuilder().setAny(true).build();
    assertThat(tasks.stub().waitTasks(any).getTasks(1).getFailure().getMessage())
        .contains("cancelled");
    WaitTasksRequest soon =
        waiting(ids).toBuilder().setTimeout(Duration.getDefaultInstance()).build();
    assertThat(tasks.stub().waitTasks(soon).getTimedOut()).isTrue();
    tasks.end("p");
  }

  @Test
  void endOfThePoolEndsWaitsForItsTasks() throws Exception {
    tasks.create("p", 1, "sleep", "1000");
    Future<WaitTasksResponse> all =
        PoolServiceGrpc.newFutureStub(DAEMON.channel()).waitTasks(waiting(submit("[1]")));
    tasks.end("p");
    assertThat(all.get(60, TimeUnit.SECONDS).getTasks(0).getState())
        .isEqualTo(TaskState.TASK_STATE_FAILED);
  }

  @Test
  void badRequestsAreRefusedAndSubmitNothing() {
    assertRefused("POOL_NOT_FOUND", () -> submit("[1]"));
    tasks.create("p", 1, "sleep", "1000");
    assertRefused("TASK_NOT_FOUND", () -> get("t-no"));
    assertRefused("TASK_NOT_FOUND", () -> tasks.stub().waitTasks(waiting(List.of("t-no"))));
    assertRefused("INVALID_ARGUMENT", () -> tasks.stub().waitTasks(waiting(List.of())));
    for (String list : List.of("1", "{}", "[1],[2]", "[", "", "[1] x")) {
      assertRefused("INVALID_ARGUMENT", () -> submit("[1]", list));
    }
    Throwable refused = catchThrowable(() -> submit("[1]", "[2, NaN]"));
    assertThat(Refusals.metadata(refused)).containsEntry("field", "arguments[1]");
    assertThat(refused).hasMessageContaining("$[1] is no JSON, as NaN and Infinity are none.");
    Payload bytes = Payload.newBuilder().setData(com.google.protobuf.ByteString.EMPTY).build();
    assertRefused(
        "INVALID_ARGUMENT",
        () -> tasks.stub().submitTasks(request().toBuilder().addArguments(bytes).build()));
    assertRefused(
        "INVALID_ARGUMENT",
        () -> tasks.stub().submitTasks(request("[]").toBuilder().clearFunction().build()));
    assertThat(tasks.get("p").getCallsQueued()).isZero();
    tasks.end("p");
  }
}
