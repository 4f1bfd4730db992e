package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.CompleteTaskRequest;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.FailTaskRequest;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureCause;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.PollTaskRequest;
import dev.forkyard.v1.PollTaskResponse;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerServiceGrpc;
import dev.forkyard.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers that use PollTask, CompleteTask and FailTask. The test speaks in their place. */
class SingleCallWorkerTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static PoolClient tasks;

  @BeforeAll
  static void start() {
    tasks = new PoolClient(DAEMON.channel());
  }

  @AfterEach
  void terminate() {
    tasks.end("p");
  }

  private static WorkerServiceBlockingStub stub() {
    return WorkerServiceGrpc.newBlockingStub(DAEMON.channel())
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** The only worker of a new pool, which does nothing by itself. */
  private static WorkerInfo worker() {
    tasks.create("p", 1, "sleep", "1000");
    return tasks.awaitWorker("p");
  }

  private static PollTaskResponse poll(String token) {
    return stub().pollTask(PollTaskRequest.newBuilder().setToken(token).build());
  }

  private static String take(String token) {
    return poll(token).getTask().getCallId();
  }

  private static void complete(String token, String callId, String result) {
    stub()
        .completeTask(
            CompleteTaskRequest.newBuilder()
                .setToken(token)
                .setCallId(callId)
                .setResult(PoolClient.json(result))
                .build());
  }

  private static void fail(String token, String callId, FailureKind kind) {
    stub()
        .failTask(
            FailTaskRequest.newBuilder()
                .setToken(token)
                .setCallId(callId)
                .setFailure(Failure.newBuilder().setKind(kind).setMessage("no").setType("Oops"))
                .build());
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(Refusals.reason(refused)).isEqualTo(reason));
  }

  @Test
  void chunkIsSplitIntoSingleCallsAndTheirResultsComeBackInOrder() {
    String token = WorkerProcess.token(worker().getPid());
    Calls run = tasks.run("p");
    run.chunk(7, "upper", "[\"a ] , \\\" [\", 1.50]", " [ [2], {\"k\":[3]} ] ", "[null]");
    run.halfClose();
    PollTaskResponse first = poll(token);
    assertThat(first.getTask().getFunction().getName()).isEqualTo("upper");
    assertThat(first.getTask().getArguments().getJson()).isEqualTo("[\"a ] , \\\" [\", 1.50]");
    complete(token, first.getTask().getCallId(), "\"one\"");
    PollTaskResponse second = poll(token);
    assertThat(second.getTask().getArguments().getJson()).isEqualTo("[ [2], {\"k\":[3]} ]");
    fail(token, second.getTask().getCallId(), FailureKind.FAILURE_KIND_UNSPECIFIED);
    complete(token, take(token), " {\"three\": 3} ");
    assertThat(run.awaitEnd())
        .containsExactly("7.0 [\"one\"]", "7.1 TASK_ERROR", "7.2 [{\"three\":3}]");
    assertThat(run.outcomes(2).get(1).getFailure().getFailure().getType()).isEqualTo("Oops");
  }

  @Test
  void pollWaitsUntilThereIsACallOrItsTimeIsOver() {
    String token = WorkerProcess.token(worker().getPid());
    PollTaskRequest request = PollTaskRequest.newBuilder().setToken(token).build();
    Duration zero = Duration.getDefaultInstance();
    assertThat(stub().pollTask(request.toBuilder().setTimeout(zero).build()).getTimedOut())
        .isTrue();
    Future<PollTaskResponse> poll =
        WorkerServiceGrpc.newFutureStub(DAEMON.channel()).pollTask(request);
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    complete(token, await().until(poll::get, done -> true).getTask().getCallId(), "1");
    assertThat(run.awaitEnd()).containsExactly("1.0 [1]");
  }

  @Test
  void workerHasOneCallAtATimeAndAnswersThatOneOnly() {
    String token = WorkerProcess.token(worker().getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]", "[]");
    run.halfClose();
    String call = take(token);
    assertRefused("CALL_UNANSWERED", () -> poll(token));
    assertRefused("CALL_NOT_RUNNING", () -> complete(token, "1.1", "1"));
    complete(token, call, "1");
    assertRefused("CALL_NOT_RUNNING", () -> complete(token, call, "1"));
    assertRefused("CALL_NOT_RUNNING", () -> fail(token, call, FailureKind.FAILURE_KIND_TASK_ERROR));
    complete(token, take(token), "2");
    assertThat(run.awaitEnd()).containsExactly("1.0 [1]", "1.1 [2]");
  }

  @Test
  void whatIsNoResultAndNoFailureOfAWorkerIsRefusedAndTheCallCanStillBeAnswered() {
    String token = WorkerProcess.token(worker().getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]", "[]");
    run.halfClose();
    String call = take(token);
    for (String result : List.of("1],[2", "1,2", "", "[1", "nul", "{'a':1}", "1 2", "// x\n1")) {
      assertRefused("INVALID_ARGUMENT", () -> complete(token, call, result));
    }
    assertRefused(
        "INVALID_ARGUMENT", () -> fail(token, call, FailureKind.FAILURE_KIND_WORKER_LOST));
    assertRefused("INVALID_ARGUMENT", () -> fail(token, call, FailureKind.FAILURE_KIND_TIMEOUT));
    complete(token, call, "1");
    complete(token, take(token), "2");
    assertThat(run.awaitEnd()).containsExactly("1.0 [1]", "1.1 [2]");
  }

  @Test
  void onlyATokenOfALivingWorkerIsKnown() throws Exception {
    assertRefused("WORKER_NOT_KNOWN", () -> poll(""));
    assertRefused("WORKER_NOT_KNOWN", () -> poll("no-token"));
    WorkerInfo worker = worker();
    String token = WorkerProcess.token(worker.getPid());
    Future<PollTaskResponse> poll =
        WorkerServiceGrpc.newFutureStub(DAEMON.channel())
            .pollTask(PollTaskRequest.newBuilder().setToken(token).build());
    await().atMost(TestDaemon.PATIENCE).until(() -> isReady("p"));
    assertRefused("CALL_UNANSWERED", () -> poll(token));
    WorkerProcess.kill(worker.getPid());
    assertThatThrownBy(poll::get).hasMessageContaining("No worker has this token");
    assertRefused("WORKER_NOT_KNOWN", () -> poll(token));
  }

  private static boolean isReady(String pool) {
    return tasks.get(pool).getWorkers(0).getState().name().equals("WORKER_STATE_IDLE");
  }

  @Test
  void deathCostsTheCallThatWasTakenAndNoOther() throws Exception {
    WorkerInfo first = worker();
    String token = WorkerProcess.token(first.getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[0]", "[1]", "[2]");
    run.halfClose();
    complete(token, take(token), "0");
    take(token);
    WorkerProcess.kill(first.getPid());
    run.outcomes(2);
    WorkerInfo second = tasks.awaitWorker("p", first.getProcessId());
    String next = WorkerProcess.token(second.getPid());
    PollTaskResponse third = poll(next);
    assertThat(third.getTask().getArguments().getJson()).isEqualTo("[2]");
    complete(next, third.getTask().getCallId(), "2");
    assertThat(run.awaitEnd()).containsExactly("1.0 [0]", "1.1 WORKER_LOST", "1.2 [2]");
    Failure lost = run.outcomes(2).get(1).getFailure().getFailure();
    assertThat(lost.getWorkerExit()).isEqualTo("signal KILL");
  }

  @Test
  void deathBetweenTwoCallsCostsNone() throws Exception {
    WorkerInfo first = worker();
    String token = WorkerProcess.token(first.getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[0]", "[1]");
    run.halfClose();
    complete(token, take(token), "0");
    WorkerProcess.kill(first.getPid());
    WorkerInfo second = tasks.awaitWorker("p", first.getProcessId());
    String next = WorkerProcess.token(second.getPid());
    complete(next, take(next), "1");
    assertThat(run.awaitEnd()).containsExactly("1.0 [0]", "1.1 [1]");
  }

  @Test
  void chunkWithoutAListOfArgumentsForEachCallIsRefused() {
    tasks.create("p", 1, "sleep", "1000");
    Map<String, String> why =
        Map.of(
            "[[0], [1",
            "the text ends too early",
            "[[0], 1]",
            "$[1] is no array",
            "[[0], {}]",
            "$[1] is an object",
            "{}",
            "$ is an object",
            "[[0], [1]] 2",
            "more text follows it",
            "[[0]]",
            "holds 1 arrays of arguments for 2 calls");
    why.forEach(
        (json, expected) -> {
          Calls run = new PoolClient(DAEMON.channel()).run("p");
          TaskChunk.Builder chunk = TaskChunk.newBuilder().setCount(2);
          chunk.setFunction(Function.newBuilder().setName("f")).setArguments(PoolClient.json(json));
          run.send(chunk.build());
          assertThat(run.failure()).hasMessageContaining(expected);
          assertThat(Refusals.metadata(run.failure()))
              .containsEntry("field", "chunks[0].arguments");
        });
  }

  @Test
  void streamWithoutARequestIsRefused() {
    tasks.create("p", 1, "sleep", "1000");
    Calls run = new PoolClient(DAEMON.channel()).run("p");
    run.halfClose();
    assertThat(Refusals.reason(run.failure())).isEqualTo("MALFORMED_REQUEST");
  }

  @Test
  void failureThatNobodyCouldReceiveIsShortened() {
    String token = WorkerProcess.token(worker().getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    String text = "x".repeat(5 << 20);
    FailureCause cause = FailureCause.newBuilder().setType(text).setMessage("why").build();
    Failure.Builder failure =
        Failure.newBuilder().setType(text).setMessage(text).setStackText(text);
    stub()
        .failTask(
            FailTaskRequest.newBuilder()
                .setToken(token)
                .setCallId(take(token))
                .setFailure(failure.addAllCauses(Collections.nCopies(2, cause)))
                .build());
    assertThat(run.awaitEnd()).containsExactly("1.0 TASK_ERROR");
    Failure told = run.outcomes(1).get(0).getFailure().getFailure();
    assertThat(told.getMessage()).hasSizeBetween((1 << 20) - 8, 1 << 20).contains("…");
    assertThat(told.getStackText()).hasSizeBetween((1 << 20) - 8, 1 << 20);
    assertThat(told.getType()).hasSizeLessThanOrEqualTo(32 << 10);
    assertThat(told.getCauses(1).getType()).hasSizeLessThanOrEqualTo(32 << 10);
    assertThat(told.getCauses(1).getMessage()).isEqualTo("why");
  }

  @Test
  void resultOverTheLimitFailsItsCallAndOneThatIsEvenLargerCanStillBeAnswered() {
    String token = WorkerProcess.token(worker().getPid());
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]", "[]", "[]");
    run.halfClose();
    complete(token, take(token), '"' + "x".repeat((15 << 20) - 1) + '"');
    String call = take(token);
    assertRefused("MESSAGE_TOO_LARGE", () -> complete(token, call, "x".repeat(33 << 20)));
    FailTaskRequest silent = FailTaskRequest.newBuilder().setToken(token).setCallId(call).build();
    assertThat(stub().failTask(silent)).isNotNull();
    complete(token, take(token), '"' + "x".repeat((15 << 20) - 2) + '"');
    run.outcomes(3);
    assertThat(run.outcomes(1).get(0).getFailure().getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_ENCODE_ERROR);
    assertThat(run.outcomes(1).get(0).getFailure().getFailure().getMessage())
        .contains("15728641 bytes", "at most 15728640");
    assertThat(run.outcomes(1).get(1).getFailure().getFailure().getMessage())
        .isEqualTo("The worker gave no reason.");
    assertThat(run.outcomes(1).get(2).getResults().getResults().getJson()).hasSize((15 << 20) + 2);
  }

  @Test
  void functionProcessGivesItsCallAndThenNoMore() {
    tasks.create("p", 1, "sleep", "1000");
    ProcessClient processes = new ProcessClient(DAEMON.channel());
    var process =
        processes.start(
            StartProcessRequest.newBuilder()
                .setProcessId("f")
                .setFunction(
                    FunctionSpec.newBuilder()
                        .setFunction(Function.newBuilder().setName("f"))
                        .setArguments(PoolClient.json("[1, \"x\"]"))
                        .setWorker(PoolClient.command("sh", "-c", "exec sleep 1000"))));
    String token = WorkerProcess.token(process.getPid());
    PollTaskResponse polled = poll(token);
    assertThat(polled.getTask().getArguments().getJson()).isEqualTo("[1, \"x\"]");
    complete(token, polled.getTask().getCallId(), "\"done\"");
    assertThat(poll(token).getDrain()).isTrue();
    processes.stop("f", ProcessClient.AT_ONCE);
    GetProcessRequest get = GetProcessRequest.newBuilder().setProcessId("f").build();
    assertThat(processes.stub().getProcess(get).getOutcome().getResult().getJson())
        .isEqualTo("\"done\"");
  }

  @Test
  void commandThatIsNoWorkerFailsThePoolInWords() {
    tasks.create("p", 1, "sh", "-c", "echo I am no worker >&2; exit 3");
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> tasks.get("p").getState().name().equals("POOL_STATE_FAILED"));
    Failure failure = tasks.get("p").getFailure();
    assertThat(failure.getMessage()).contains("exit code 3");
    assertThat(failure.getStderrTail()).contains("I am no worker");
  }

  @Test
  void commandThatDoesNotExistFailsThePoolInWords() {
    tasks.create("p", 1, "/no/such/worker");
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> tasks.get("p").getState().name().equals("POOL_STATE_FAILED"));
    assertThat(tasks.get("p").getFailure().getMessage())
        .contains("cannot be started. There is no", "/no/such/worker")
        .doesNotContain("..");
  }

  @Test
  void commandWithoutAProgramIsRefused() {
    assertRefused(
        "INVALID_ARGUMENT",
        () -> tasks.create(CreatePoolRequest.newBuilder().setWorker(PoolClient.command())));
    tasks.create("p", 1, "sleep", "1000");
  }
}
