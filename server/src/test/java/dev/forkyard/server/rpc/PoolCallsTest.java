package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.PoolClient.chunk;
import static dev.forkyard.server.testing.PoolClient.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of pools that are cancelled, take too long, or lose their caller, with real workers. */
class PoolCallsTest {
  private static final Duration TENTH = Duration.newBuilder().setNanos(100_000_000).build();
  private static TestDaemon daemon;
  private static PoolClient pools;
  private static ProcessClient processes;

  private Path directory;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    pools = new PoolClient(daemon.channel());
    processes = new ProcessClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @BeforeEach
  void useDirectory(@TempDir Path folder) {
    directory = folder;
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  private static String quoted(String text) {
    return "[\"" + text + "\"]";
  }

  /** The process that runs {@code spin}, once it does. */
  private ProcessInfo spinning(String file) throws IOException {
    await().atMost(TestDaemon.PATIENCE).until(() -> Files.exists(Path.of(file)));
    int pid = Integer.parseInt(Files.readString(Path.of(file)));
    return processes
        .stub()
        .listProcesses(ListProcessesRequest.newBuilder().setPageSize(1000).build())
        .getProcessesList()
        .stream()
        .filter(process -> process.getPid() == pid)
        .findFirst()
        .orElseThrow();
  }

  private static List<String> words(List<TaskOutcome> outcomes) {
    return outcomes.stream().map(PoolCallsTest::words).toList();
  }

  private static String words(TaskOutcome outcome) {
    return outcome.hasResults()
        ? outcome.getResults().getNumber() + " " + outcome.getResults().getResults().getJson()
        : outcome.getFailure().getNumber()
            + "."
            + outcome.getFailure().getIndex()
            + " "
            + outcome.getFailure().getFailure().getKind();
  }

  @Test
  void queuedCallsAreCancelledWithoutBeingRun() {
    pools.create(pool("queued", 1));
    Calls calls = pools.run("queued");
    calls.send(chunk(1, "waitFor", quoted(file("go"))));
    calls.send(chunk(2, "square", "[2]", "[3]"), chunk(3, "square", "[4]"));
    calls.cancel(2, false);
    assertThat(words(calls.outcomes(2)))
        .containsExactly("2.0 FAILURE_KIND_CANCELLED", "2.1 FAILURE_KIND_CANCELLED");
    make("go");
    calls.halfClose();
    assertThat(calls.status()).isEqualTo(Status.OK);
    assertThat(words(calls.outcomes(4))).contains("1 [1]", "3 [16]");
    pools.terminate("queued");
  }

  private void make(String file) {
    try {
      Files.createFile(directory.resolve(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void callThatIgnoresItsCancelCostsItsWorkerAlone() throws Exception {
    pools.create(pool("cancel", 2).setCancelGrace(TENTH));
    Calls calls = pools.run("cancel");
    calls.send(chunk(1, "spin", quoted(file("spin"))));
    ProcessInfo worker = spinning(file("spin"));
    calls.send(chunk(2, "waitFor", quoted(file("go"))));
    calls.cancel(1, true);
    assertThat(words(calls.outcomes(1))).containsExactly("1.0 FAILURE_KIND_CANCELLED");
    assertThat(processes.ended(worker.getProcessId()).getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    make("go");
    calls.send(chunk(3, "square", "[3]"));
    calls.halfClose();
    assertThat(words(calls.outcomes(3))).contains("2 [1]", "3 [9]");
    assertThat(pools.get("cancel").getWorkersLost()).isZero();
    pools.terminate("cancel");
  }

  @Test
  void callThatTakesTooLongFailsAsTimeoutAndTheRestOfItsChunkIsRun() throws Exception {
    pools.create(
        pool("late", 1).setCallTimeout(Duration.newBuilder().setSeconds(5)).setCancelGrace(TENTH));
    Calls calls = pools.run("late");
    calls.send(chunk(1, "waitFor", quoted(file("never")), quoted(file("go"))));
    make("go");
    calls.halfClose();
    assertThat(words(calls.outcomes(2))).containsExactly("1.0 FAILURE_KIND_TIMEOUT", "1 [1]");
    assertThat(calls.outcomes(2).get(0).getFailure().getFailure().getMessage()).contains("5 s");
    pools.terminate("late");
  }

  @Test
  void callsForASessionThatIsNotThereAreRefused() {
    pools.create(pool("sessionless", 1));
    Calls calls = pools.run("sessionless", "s-nobody");
    calls.send(chunk(1, "square", "[1]"));
    assertThat(Refusals.reason(calls.failure())).isEqualTo("SESSION_NOT_FOUND");
    assertThat(pools.get("sessionless").getCallsDone()).isZero();
    pools.terminate("sessionless");
  }

  @Test
  void clientThatGoesAwayFreesTheWorkersForOthers() throws Exception {
    pools.create(pool("gone", 1).setCancelGrace(TENTH));
    Calls gone = pools.run("gone");
    gone.send(chunk(1, "spin", quoted(file("spin"))), chunk(2, "square", "[1]"));
    ProcessInfo worker = spinning(file("spin"));
    Calls other = pools.run("gone");
    other.send(chunk(1, "square", "[5]"));
    other.halfClose();
    gone.breakOff();
    assertThat(words(other.outcomes(1))).containsExactly("1 [25]");
    assertThat(processes.ended(worker.getProcessId()).getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_CALL_CANCELLED);
    PoolInfo after = pools.get("gone");
    assertThat(after.getCallsDone()).isEqualTo(1);
    assertThat(after.getCallsFailed()).isEqualTo(2);
    pools.terminate("gone");
  }

  @Test
  void poisonFailsAfterThreeWorkersAndItsNeighboursSucceed() {
    pools.create(pool("poison", 2).setRetryLost(2));
    Calls calls = pools.run("poison");
    calls.send(chunk(1, "square", "[2]"), chunk(2, "halt", "[7]"), chunk(3, "square", "[3]"));
    calls.halfClose();
    assertThat(words(calls.outcomes(3)))
        .containsExactlyInAnyOrder("1 [4]", "2.0 FAILURE_KIND_WORKER_LOST", "3 [9]");
    Failure failure =
        calls.outcomes(3).stream()
            .filter(TaskOutcome::hasFailure)
            .map(outcome -> outcome.getFailure().getFailure())
            .findFirst()
            .orElseThrow();
    assertThat(failure.getKind()).isEqualTo(FailureKind.FAILURE_KIND_WORKER_LOST);
    assertThat(failure.getPoison()).isTrue();
    assertThat(failure.getAttempts()).isEqualTo(3);
    assertThat(pools.get("poison").getWorkersLost()).isEqualTo(3);
    pools.terminate("poison");
  }

  @Test
  void streamOfAClosedPoolEndsAfterTheOutcomesOfWhatWasTaken() {
    pools.create(pool("closed", 1));
    Calls calls = pools.run("closed");
    calls.send(chunk(1, "waitFor", quoted(file("go"))), chunk(2, "square", "[4]"));
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("closed").getCallsAssigned() > 0);
    pools.close("closed");
    calls.send(chunk(3, "square", "[5]"));
    make("go");
    assertThat(words(calls.outcomes(2))).containsExactly("1 [1]", "2 [16]");
    assertThat(Status.fromThrowable(calls.failure()).getCode()).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(Refusals.reason(calls.failure())).isEqualTo("POOL_CLOSED");
    Calls late = pools.run("closed");
    late.send(chunk(1, "square", "[4]"));
    assertThat(Refusals.reason(late.failure())).isEqualTo("POOL_CLOSED");
  }

  @Test
  void whatThePoolHasNoRoomForWaitsForIt() {
    pools.create(pool("narrow", 1).setMaxQueuedCalls(2));
    Calls calls = pools.run("narrow");
    calls.send(chunk(0, "waitFor", quoted(file("go"))));
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("narrow").getCallsAssigned() == 1);
    for (int i = 1; i <= 500; i++) {
      calls.send(chunk(i, "square", "[" + i + "]"));
    }
    calls.halfClose();
    Calls other = pools.run("narrow");
    other.send(chunk(0, "square", "[3]"));
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("narrow").getCallsQueued() >= 3);
    assertThat(pools.get("narrow").getCallsQueued()).isEqualTo(3); // one chunk of a client fits
    make("go");
    assertThat(words(calls.outcomes(501))).hasSize(501).contains("500 [250000]");
    assertThat(words(other.outcomes(1))).containsExactly("0 [9]");
    pools.terminate("narrow");
  }

  @Test
  void cancelTakesEffectAtOnceThoughThePoolHasNoRoom() throws Exception {
    pools.create(pool("full", 1).setMaxQueuedCalls(1).setCancelGrace(TENTH));
    Calls calls = pools.run("full");
    calls.send(chunk(0, "spin", quoted(file("spin"))));
    spinning(file("spin"));
    for (int i = 1; i <= 200; i++) {
      calls.send(chunk(i, "waitFor", quoted(file("never"))));
    }
    calls.cancel(200, false);
    assertThat(words(calls.outcomes(1))).containsExactly("200.0 FAILURE_KIND_CANCELLED");
    calls.cancel(0, true);
    assertThat(words(calls.outcomes(2))).contains("0.0 FAILURE_KIND_CANCELLED");
    pools.terminate("full");
  }
}
