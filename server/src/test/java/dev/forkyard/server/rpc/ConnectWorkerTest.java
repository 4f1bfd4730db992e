package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.ConnectedWorker;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.WorkerFrame;
import dev.forkyard.v1.WorkerInfo;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers that use ConnectWorker. The test speaks in their place. */
class ConnectWorkerTest {
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

  private static ConnectedWorker open() {
    return ConnectedWorker.open(DAEMON.channel());
  }

  private static ConnectedWorker hello(String token) {
    return ConnectedWorker.hello(DAEMON.channel(), token);
  }

  private static WorkerInfo worker() {
    tasks.create("p", 1, "sleep", "1000");
    return tasks.awaitWorker("p");
  }

  private static String token(WorkerInfo worker) {
    return WorkerProcess.token(worker.getPid());
  }

  @Test
  void callsGoToAWorkerThatConnectsAndItsAnswersComeBack() throws Exception {
    ConnectedWorker stream = hello(token(worker()));
    Calls run = tasks.run("p");
    run.chunk(4, "double", "[1]", "[2]", "[3]");
    run.halfClose();
    Assign assign = stream.assigned();
    assertThat(assign.getFunction().getName()).isEqualTo("double");
    assertThat(assign.getCount()).isEqualTo(3);
    assertThat(assign.getArguments().getJson()).isEqualTo("[[1],[2],[3]]");
    stream.results(assign.getNumber(), 0, 2, "[2, 4]");
    stream.failure(assign.getNumber(), 2, FailureKind.FAILURE_KIND_ENCODE_ERROR);
    assertThat(run.awaitEnd()).containsExactly("4.0 [2,4]", "4.2 ENCODE_ERROR");
  }

  @Test
  void workerHasOneChunkAtATimeHoweverShortItsCallsAre() throws Exception {
    ConnectedWorker stream = hello(token(worker()));
    Calls run = tasks.run("p");
    for (int number = 0; number < 50; number++) {
      run.chunk(number, "f", "[]");
    }
    run.halfClose();
    for (int number = 0; number < 50; number++) {
      Assign assign = stream.assigned();
      assertThat(stream.hasFrames()).isFalse();
      stream.results(assign.getNumber(), 0, 1, "[0]");
    }
    assertThat(run.awaitEnd()).hasSize(50);
  }

  @Test
  void firstFrameMustBeAHelloWithATokenAndTheVersion() {
    String token = token(worker());
    ConnectedWorker silent = open();
    silent.results(1, 0, 1, "[1]");
    assertThat(silent.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
    assertThat(hello("no-token").awaitRefusal()).isEqualTo("WORKER_NOT_KNOWN");
    ConnectedWorker old = open();
    old.send(WorkerFrame.newBuilder().setHello(ConnectedWorker.helloOf(token, 2)));
    assertThat(old.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
    ConnectedWorker good = hello(token);
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> tasks.get("p").getWorkers(0).getState().name().endsWith("IDLE"));
    assertThat(hello(token).awaitRefusal()).isEqualTo("WORKER_NOT_KNOWN");
    good.send(WorkerFrame.newBuilder().setHello(ConnectedWorker.helloOf(token, 1)));
    assertThat(good.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void deathCostsTheFirstUnansweredCallAndNoOther() throws Exception {
    WorkerInfo first = worker();
    ConnectedWorker stream = hello(token(first));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[0]", "[1]", "[2]");
    run.halfClose();
    stream.results(stream.assigned().getNumber(), 0, 1, "[0]");
    run.outcomes(1);
    // somebody holds the connection beyond the life of the process
    WorkerProcess.kill(first.getPid());
    assertThat(run.said()).containsExactly("1.0 [0]");
    WorkerInfo second = tasks.awaitWorker("p", first.getProcessId());
    ConnectedWorker next = hello(token(second));
    Assign rest = next.assigned();
    assertThat(rest.getFirst()).isEqualTo(2);
    next.results(rest.getNumber(), 2, 1, "[2]");
    assertThat(run.awaitEnd()).containsExactly("1.0 [0]", "1.1 WORKER_LOST", "1.2 [2]");
  }

  @Test
  void processThatLivesOnWithoutItsConnectionIsStoppedAndItsCallIsLost() throws Exception {
    WorkerInfo worker = worker();
    ConnectedWorker stream = hello(token(worker));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    stream.assigned();
    stream.leave();
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
    assertThat(ProcessHandle.of(worker.getPid())).isEmpty();
  }

  @Test
  void resultOverTheLimitFailsItsCallAndTheWorkerGoesOn() throws Exception {
    WorkerInfo worker = worker();
    ConnectedWorker stream = hello(token(worker));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[0]", "[1]", "[2]");
    run.chunk(2, "f", "[]");
    run.halfClose();
    int number = stream.assigned().getNumber();
    stream.results(number, 0, 3, "[0, \"" + "x".repeat(20 << 20) + "\", [2]]");
    int next = stream.assigned().getNumber();
    run.outcomes(3);
    assertThat(run.said()).containsExactly("1.0 [0]", "1.1 ENCODE_ERROR", "1.2 [[2]]");
    assertThat(run.outcomes(1).get(1).getFailure().getFailure().getMessage()).contains("15728640");
    stream.results(next, 0, 1, "[\"" + "x".repeat(33 << 20) + "\"]");
    assertThat(stream.awaitRefusal()).isEqualTo("MESSAGE_TOO_LARGE");
    WorkerProcess.kill(worker.getPid());
    assertThat(run.awaitEnd()).contains("2.0 WORKER_LOST");
  }

  /** What a worker must not say while it has one call of assignment 1. */
  record Lie(String said, String reason, Consumer<ConnectedWorker> telling) {
    @Override
    public String toString() {
      return said;
    }
  }

  static List<Lie> lies() {
    return List.of(
        new Lie("two for one", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[1,2]")),
        new Lie("no list", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "1")),
        new Lie("two lists", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[1],[2]")),
        new Lie("no JSON", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[oops]")),
        new Lie("none", "CALL_NOT_RUNNING", stream -> stream.results(1, 0, 0, "[]")),
        new Lie("too many", "CALL_NOT_RUNNING", stream -> stream.results(1, 0, 2, "[1,2]")),
        new Lie("other index", "CALL_NOT_RUNNING", stream -> stream.results(1, 1, 1, "[1]")),
        new Lie("other number", "CALL_NOT_RUNNING", stream -> stream.results(9, 0, 1, "[1]")),
        new Lie("nothing", "INVALID_ARGUMENT", stream -> stream.send(WorkerFrame.newBuilder())),
        new Lie(
            "the daemon's kind",
            "INVALID_ARGUMENT",
            stream -> stream.failure(1, 0, FailureKind.FAILURE_KIND_POOL_FAILED)));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void answerThatDoesNotFitEndsTheConnectionAndReachesNobody(Lie lie) throws Exception {
    WorkerInfo worker = worker();
    ConnectedWorker stream = hello(token(worker));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    assertThat(stream.assigned().getNumber()).isEqualTo(1);
    lie.telling().accept(stream);
    assertThat(stream.awaitRefusal()).isEqualTo(lie.reason());
    WorkerProcess.kill(worker.getPid());
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
    assertThat(run.outcomes(1).get(0).getFailure().getFailure().getMessage())
        .contains("signal KILL. The worker had broken the protocol: ")
        .endsWith(".");
  }

  @Test
  void answerToMoreCallsThanThereAreIsToldWhatIsWrong() throws Exception {
    ConnectedWorker stream = hello(token(worker()));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    int number = stream.assigned().getNumber();
    stream.results(number, 0, 2, "[1, 2]");
    assertThat(stream.awaitRefusal()).isEqualTo("CALL_NOT_RUNNING");
    assertThat(stream.sentence()).contains("answered 2 calls from 1.0 on, but 1 to 1");
    tasks.get("p").getWorkersList().forEach(worker -> killed(worker.getPid()));
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
  }

  private static void killed(int pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void callThatIsGivenToAWorkerWithoutConnectionHasNotBegun() throws Exception {
    WorkerInfo first = worker();
    ConnectedWorker stream = hello(token(first));
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    stream.results(stream.assigned().getNumber(), 0, 1, "[1]");
    run.outcomes(1);
    stream.leave();
    stream.awaitEnd();
    run.chunk(2, "f", "[]");
    run.halfClose();
    // the process is stopped some seconds later
    ConnectedWorker next = hello(token(tasks.awaitWorker("p", first.getProcessId())));
    next.results(next.assigned().getNumber(), 0, 1, "[2]");
    assertThat(run.awaitEnd()).containsExactly("1.0 [1]", "2.0 [2]");
  }
}
