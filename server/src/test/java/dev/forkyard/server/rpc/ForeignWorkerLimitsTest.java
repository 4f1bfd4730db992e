package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import dev.forkyard.server.testing.ConnectedWorker;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.Cancel;
import dev.forkyard.v1.CompleteTaskRequest;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.FailTaskRequest;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Initializer;
import dev.forkyard.v1.PollTaskRequest;
import dev.forkyard.v1.PollTaskResponse;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolState;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerServiceGrpc;
import dev.forkyard.v1.WorkerServiceGrpc.WorkerServiceBlockingStub;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Cancels, the time of calls and initializers for workers in other languages, connected or with
 * single calls. The test speaks in their place.
 */
class ForeignWorkerLimitsTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static PoolClient pools;

  @BeforeAll
  static void start() {
    pools = new PoolClient(DAEMON.channel());
  }

  @AfterEach
  void endPool() {
    pools.end("p");
  }

  /** A pool of one worker, which does nothing by itself and may take long to end a call. */
  private static CreatePoolRequest.Builder pool() {
    return CreatePoolRequest.newBuilder()
        .setPoolId("p")
        .setWorkers(1)
        .setCancelGrace(Durations.fromMinutes(10))
        .setWorker(PoolClient.command("sleep", "1000"));
  }

  private static Initializer.Builder initializer() {
    return Initializer.newBuilder()
        .setFunction(Function.newBuilder().setName("load"))
        .setArguments(PoolClient.json("[\"model\"]"));
  }

  private static ConnectedWorker connect(WorkerInfo worker) {
    return ConnectedWorker.hello(DAEMON.channel(), WorkerProcess.token(worker.getPid()));
  }

  private static WorkerServiceBlockingStub stub() {
    return WorkerServiceGrpc.newBlockingStub(DAEMON.channel())
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static PollTaskResponse poll(WorkerInfo worker) {
    String token = WorkerProcess.token(worker.getPid());
    return stub().pollTask(PollTaskRequest.newBuilder().setToken(token).build());
  }

  private static void complete(WorkerInfo worker, PollTaskResponse polled, String result) {
    stub()
        .completeTask(
            CompleteTaskRequest.newBuilder()
                .setToken(WorkerProcess.token(worker.getPid()))
                .setCallId(polled.getTask().getCallId())
                .setResult(PoolClient.json(result))
                .build());
  }

  private static ExitCause causeOfEnd(WorkerInfo worker) {
    return new ProcessClient(DAEMON.channel()).ended(worker.getProcessId()).getExit().getCause();
  }

  @Test
  void connectedWorkerIsToldOfACancelAndItsAnswersCount() throws Exception {
    pools.create(pool());
    ConnectedWorker worker = connect(pools.awaitWorker("p"));
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]", "[3]");
    int number = worker.assigned().getNumber();
    calls.cancel(1, true);
    Cancel cancel = worker.frame().getCancel();
    assertThat(cancel.getNumber()).isEqualTo(number);
    assertThat(cancel.hasIndex()).isFalse();
    assertThat(cancel.getRunning()).isTrue();
    worker.results(number, 0, 1, "[1]");
    worker.failure(number, 1, FailureKind.FAILURE_KIND_CANCELLED);
    worker.failure(number, 2, FailureKind.FAILURE_KIND_CANCELLED);
    calls.halfClose();
    assertThat(calls.awaitEnd()).containsExactly("1.0 [1]", "1.1 CANCELLED", "1.2 CANCELLED");
  }

  @Test
  void connectedWorkerThatIgnoresACancelIsStoppedAfterTheGrace() throws Exception {
    pools.create(pool().setCancelGrace(Durations.fromMillis(100)));
    WorkerInfo first = pools.awaitWorker("p");
    ConnectedWorker worker = connect(first);
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]");
    worker.assigned();
    calls.cancel(1, true);
    assertThat(causeOfEnd(first)).isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    worker.leave();
    calls.chunk(2, "f", "[3]");
    calls.halfClose();
    ConnectedWorker next = connect(pools.awaitWorker("p", first.getProcessId()));
    next.results(next.assigned().getNumber(), 0, 1, "[3]");
    assertThat(calls.awaitEnd()).containsExactly("1.0 CANCELLED", "1.1 CANCELLED", "2.0 [3]");
    assertThat(pools.get("p").getWorkersLost()).isZero();
  }

  @Test
  void connectedWorkerIsToldOfTheCallWhoseTimeIsOver() throws Exception {
    pools.create(pool().setCallTimeout(Durations.fromMillis(200)));
    ConnectedWorker worker = connect(pools.awaitWorker("p"));
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]");
    calls.halfClose();
    int number = worker.assigned().getNumber();
    Cancel cancel = worker.frame().getCancel();
    assertThat(cancel.getNumber()).isEqualTo(number);
    assertThat(cancel.hasIndex()).isTrue();
    assertThat(cancel.getIndex()).isZero();
    assertThat(cancel.getRunning()).isTrue();
    worker.failure(number, 0, FailureKind.FAILURE_KIND_CANCELLED);
    worker.results(number, 1, 1, "[2]");
    assertThat(calls.awaitEnd()).containsExactly("1.0 TIMEOUT", "1.1 [2]");
  }

  @Test
  void connectedWorkerBeginsWithTheInitializer() throws Exception {
    pools.create(pool().setInitializer(initializer()));
    ConnectedWorker worker = connect(pools.awaitWorker("p"));
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]");
    calls.halfClose();
    Assign first = worker.assigned();
    assertThat(first.getFunction().getName()).isEqualTo("load");
    assertThat(first.getArguments().getJson()).isEqualTo("[[\"model\"]]");
    assertThat(first.getCount()).isEqualTo(1);
    assertThat(worker.hasFrames()).isFalse();
    worker.results(first.getNumber(), 0, 1, "[null]");
    Assign second = worker.assigned();
    assertThat(second.getFunction().getName()).isEqualTo("f");
    worker.results(second.getNumber(), 0, 1, "[1]");
    assertThat(calls.awaitEnd()).containsExactly("1.0 [1]");
  }

  @Test
  void initializerThatFailsInConnectedWorkersFailsThePool() throws Exception {
    pools.create(pool().setInitializer(initializer()));
    String before = "";
    for (int i = 0; i < 3; i++) {
      WorkerInfo info = pools.awaitWorker("p", before);
      before = info.getProcessId();
      ConnectedWorker worker = connect(info);
      worker.failure(worker.assigned().getNumber(), 0, FailureKind.FAILURE_KIND_TASK_ERROR);
      assertThat(causeOfEnd(info)).isEqualTo(ExitCause.EXIT_CAUSE_POOL_TERMINATED);
      worker.leave();
    }
    assertThat(failed().getFailure().getMessage()).contains("initializer", "no");
  }

  private static PoolInfo failed() {
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> pools.get("p").getState() == PoolState.POOL_STATE_FAILED);
    return pools.get("p");
  }

  @Test
  void cancelledCallsThatAWorkerHasNotTakenNeverReachIt() {
    pools.create(pool());
    WorkerInfo worker = pools.awaitWorker("p");
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]", "[3]");
    PollTaskResponse taken = poll(worker);
    calls.cancel(1, false);
    calls.chunk(2, "f", "[4]");
    calls.halfClose();
    // the next message of the stream was seen, so the cancel was, too
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("p").getCallsQueued() == 1);
    complete(worker, taken, "1");
    PollTaskResponse next = poll(worker);
    assertThat(next.getTask().getArguments().getJson()).isEqualTo("[4]");
    complete(worker, next, "4");
    assertThat(calls.awaitEnd())
        .containsExactly("1.0 [1]", "1.1 CANCELLED", "1.2 CANCELLED", "2.0 [4]");
  }

  @Test
  void workerThatHasTakenACancelledCallIsStoppedAfterTheGrace() {
    pools.create(pool().setCancelGrace(Durations.fromMillis(100)));
    WorkerInfo first = pools.awaitWorker("p");
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]");
    poll(first);
    calls.cancel(1, true);
    assertThat(causeOfEnd(first)).isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    calls.chunk(2, "f", "[3]");
    calls.halfClose();
    WorkerInfo next = pools.awaitWorker("p", first.getProcessId());
    complete(next, poll(next), "3");
    assertThat(calls.awaitEnd()).containsExactly("1.0 CANCELLED", "1.1 CANCELLED", "2.0 [3]");
  }

  @Test
  void takenCallWhoseTimeIsOverCostsItsWorkerAndTheRestGoesToAnother() {
    pools.create(
        pool().setCallTimeout(Durations.fromSeconds(2)).setCancelGrace(Durations.fromMillis(100)));
    WorkerInfo first = pools.awaitWorker("p");
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]", "[2]");
    calls.halfClose();
    poll(first);
    assertThat(causeOfEnd(first)).isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    WorkerInfo next = pools.awaitWorker("p", first.getProcessId());
    PollTaskResponse second = poll(next);
    assertThat(second.getTask().getArguments().getJson()).isEqualTo("[2]");
    complete(next, second, "2");
    assertThat(calls.awaitEnd()).containsExactly("1.0 TIMEOUT", "1.1 [2]");
  }

  @Test
  void initializerIsTheFirstCallThatAWorkerTakes() {
    pools.create(pool().setInitializer(initializer()));
    WorkerInfo worker = pools.awaitWorker("p");
    Calls calls = pools.run("p");
    calls.chunk(1, "f", "[1]");
    calls.halfClose();
    PollTaskResponse first = poll(worker);
    assertThat(first.getTask().getFunction().getName()).isEqualTo("load");
    assertThat(first.getTask().getArguments().getJson()).isEqualTo("[\"model\"]");
    complete(worker, first, "null");
    complete(worker, poll(worker), "1");
    assertThat(calls.awaitEnd()).containsExactly("1.0 [1]");
  }

  @Test
  void initializerThatFailsInWorkersWithSingleCallsFailsThePool() {
    pools.create(pool().setInitializer(initializer()));
    String before = "";
    for (int i = 0; i < 3; i++) {
      WorkerInfo worker = pools.awaitWorker("p", before);
      before = worker.getProcessId();
      stub()
          .failTask(
              FailTaskRequest.newBuilder()
                  .setToken(WorkerProcess.token(worker.getPid()))
                  .setCallId(poll(worker).getTask().getCallId())
                  .setFailure(Failure.newBuilder().setType("NoModel").setMessage("there is none"))
                  .build());
      assertThat(causeOfEnd(worker)).isEqualTo(ExitCause.EXIT_CAUSE_POOL_TERMINATED);
    }
    Failure why = failed().getFailure();
    assertThat(why.getType()).isEqualTo("NoModel");
    assertThat(why.getMessage()).contains("initializer", "there is none");
  }
}
