package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.PoolClient.function;
import static dev.forkyard.server.testing.PoolClient.json;
import static dev.forkyard.server.testing.PoolClient.pool;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.CancelTasksRequest;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.GetTaskRequest;
import dev.forkyard.v1.ListTasksRequest;
import dev.forkyard.v1.PollTaskRequest;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.SubmitTasksResponse;
import dev.forkyard.v1.TaskInfo;
import dev.forkyard.v1.TaskState;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room for submitted tasks, their cancels and what is told of them, through a real daemon. */
class SubmittedTasksOverTheWireTest {
  private static final Duration NO_TIME = Duration.getDefaultInstance();
  private static final Duration TENTH = Duration.newBuilder().setNanos(100_000_000).build();
  private static TestDaemon daemon;
  private static PoolClient tasks;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    tasks = new PoolClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @AfterEach
  void terminate() {
    tasks.end("p");
  }

  private static SubmitTasksRequest.Builder request(Function function, int calls, String list) {
    return SubmitTasksRequest.newBuilder()
        .setPoolId("p")
        .setFunction(function)
        .addAllArguments(Collections.nCopies(calls, json(list)));
  }

  private static SubmitTasksRequest.Builder request(int calls) {
    return request(Function.newBuilder().setName("f").build(), calls, "[1]");
  }

  private static List<String> submit(SubmitTasksRequest.Builder request) {
    return tasks.stub().submitTasks(request.build()).getTaskIdsList();
  }

  private static List<TaskInfo> await(List<String> ids) {
    WaitTasksRequest request =
        WaitTasksRequest.newBuilder().setPoolId("p").addAllTaskIds(ids).build();
    return tasks.stub().waitTasks(request).getTasksList();
  }

  private static TaskInfo cancel(String id, boolean running) {
    CancelTasksRequest request =
        CancelTasksRequest.newBuilder().setPoolId("p").addTaskIds(id).setRunning(running).build();
    return tasks.stub().cancelTasks(request).getTasks(0);
  }

  private static TaskInfo get(String id) {
    GetTaskRequest request = GetTaskRequest.newBuilder().setPoolId("p").setTaskId(id).build();
    return tasks.stub().getTask(request).getTask();
  }

  /** A pool in which two calls may wait, and whose worker asks for none. */
  private static void createNarrow() {
    tasks.create(
        CreatePoolRequest.newBuilder()
            .setPoolId("p")
            .setWorkers(1)
            .setMaxQueuedCalls(2)
            .setWorker(PoolClient.command("sleep", "1000")));
  }

  @Test
  void submissionWithoutRoomIsRefusedWhenItsTimeIsOver() {
    createNarrow();
    submit(request(2).setTimeout(NO_TIME));
    assertRefused(
        Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", () -> submit(request(1).setTimeout(NO_TIME)));
    assertRefused(
        Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", () -> submit(request(1).setTimeout(TENTH)));
    assertThat(tasks.get("p").getCallsQueued()).isEqualTo(2);
  }

  @Test
  void submissionOfMoreThanFitsIntoThePoolIsRefusedAtOnce() {
    createNarrow();
    assertRefused(Status.Code.RESOURCE_EXHAUSTED, "BATCH_TOO_LARGE", () -> submit(request(3)));
    assertThat(tasks.get("p").getCallsQueued()).isZero();
  }

  private static Future<SubmitTasksResponse> submitLater() {
    return PoolServiceGrpc.newFutureStub(daemon.channel()).submitTasks(request(1).build());
  }

  @Test
  void submissionWithoutATimeoutWaitsForRoom() throws Exception {
    createNarrow();
    submit(request(2));
    Future<SubmitTasksResponse> waiting = submitLater();
    assertRefused(
        Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", () -> submit(request(1).setTimeout(TENTH)));
    assertThat(waiting.isDone()).isFalse();
    String token = WorkerProcess.token(tasks.awaitWorker("p").getPid());
    PollTaskRequest poll = PollTaskRequest.newBuilder().setToken(token).build();
    assertThat(
            WorkerServiceGrpc.newBlockingStub(daemon.channel())
                .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .pollTask(poll)
                .hasTask())
        .isTrue();
    assertThat(waiting.get(60, TimeUnit.SECONDS).getTaskIdsList()).hasSize(1);
    assertThat(tasks.get("p").getCallsQueued()).isEqualTo(2);
  }

  @Test
  void submissionThatWaitsForRoomUnderARequestIdIsGivenUpWithItsCaller() {
    createNarrow();
    submit(request(2));
    SubmitTasksRequest waiting = request(1).setRequestId("r").build();
    Future<SubmitTasksResponse> call =
        PoolServiceGrpc.newFutureStub(daemon.channel()).submitTasks(waiting);
    SubmitTasksRequest.Builder other = waiting.toBuilder().setTimeout(NO_TIME);
    Awaitility.await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> reason(other), "REQUEST_ID_REUSED"::equals);
    call.cancel(true);
    Awaitility.await().atMost(TestDaemon.PATIENCE).until(() -> reason(other), "POOL_FULL"::equals);
    assertThat(tasks.get("p").getCallsQueued()).isEqualTo(2);
  }

  private static String reason(SubmitTasksRequest.Builder request) {
    return Refusals.reason(
        catchThrowableOfType(StatusRuntimeException.class, () -> submit(request)));
  }

  @Test
  void submissionThatWaitsForRoomIsRefusedWhenThePoolIsTerminated() {
    createNarrow();
    submit(request(2));
    Future<SubmitTasksResponse> waiting = submitLater();
    assertRefused(
        Status.Code.RESOURCE_EXHAUSTED, "POOL_FULL", () -> submit(request(1).setTimeout(TENTH)));
    tasks.terminate("p");
    assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(Refusals.reason(refused)).isEqualTo("POOL_CLOSED"));
  }

  @Test
  void tenThousandQueuedTasksFailWhenThePoolIsTerminated() {
    tasks.create("p", 1, "sleep", "1000");
    List<List<String>> batches = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      batches.add(submit(request(1000)));
    }
    assertThat(tasks.get("p").getCallsQueued()).isEqualTo(10_000);
    assertThat(tasks.terminate("p").getCallsFailed()).isEqualTo(10_000);
    for (List<String> batch : batches) {
      assertThat(await(batch))
          .hasSize(1000)
          .allMatch(task -> task.getFailure().getKind() == FailureKind.FAILURE_KIND_CANCELLED);
    }
  }

  @Test
  void runningTaskIsCancelledOnlyWhenThatIsSaid(@TempDir Path dir) throws Exception {
    tasks.create(pool("p", 1).setCancelGrace(TENTH));
    String file = dir.resolve("spin").toString();
    String id = submit(request(function("spin"), 1, "[\"" + file + "\"]")).get(0);
    org.awaitility.Awaitility.await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> Files.exists(Path.of(file)));
    String worker = tasks.get("p").getWorkers(0).getProcessId();
    assertThat(cancel(id, false).getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    assertThat(get(id).getState()).isEqualTo(TaskState.TASK_STATE_RUNNING);
    assertThat(cancel(id, true).hasResult()).isFalse();
    assertThat(await(List.of(id)).get(0).getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(new ProcessClient(daemon.channel()).ended(worker).getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    String next = submit(request(function("square"), 1, "[3]")).get(0);
    assertThat(await(List.of(next)).get(0).getResult().getJson()).isEqualTo("9");
  }

  @Test
  void taskTellsItsFunctionAndWhenItWasSubmitted() {
    tasks.create("p", 1, "sleep", "1000");
    Function function = Function.newBuilder().setName("resize").setSignature("(int)").build();
    Instant before = Instant.now();
    List<String> ids = submit(request(function, 2, "[1]"));
    Instant after = Instant.now();
    List<TaskInfo> told = new ArrayList<>(List.of(get(ids.get(0)), cancel(ids.get(1), false)));
    ListTasksRequest list = ListTasksRequest.newBuilder().setPoolId("p").build();
    told.addAll(tasks.stub().listTasks(list).getTasksList());
    told.addAll(await(List.of(ids.get(1))));
    assertThat(told).hasSize(5).allMatch(task -> task.getFunction().equals(function));
    for (TaskInfo task : told) {
      assertThat(instant(task.getSubmitTime())).isBetween(before, after);
      assertThat(task.hasEndTime()).isEqualTo(task.getTaskId().equals(ids.get(1)));
    }
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  @Test
  void moreThanAThousandCallsAreRefused() {
    tasks.create("p", 1, "sleep", "1000");
    assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> submit(request(1001)));
  }
}
