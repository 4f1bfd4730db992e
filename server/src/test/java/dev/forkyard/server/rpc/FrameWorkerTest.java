package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerFrames;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.PoolState;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.WorkerInfo;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers without a journal that use the socket for frames. The test speaks in their place. */
class FrameWorkerTest {
  private static TestDaemon daemon;
  private static PoolClient tasks;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    tasks = new PoolClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.closeAfter(line -> line.contains("broke the protocol and was disconnected: "));
  }

  @AfterEach
  void terminate() {
    tasks.end("p");
  }

  private static WorkerInfo worker() {
    tasks.create("p", 1, "sleep", "1000");
    return tasks.awaitWorker("p");
  }

  private static WorkerFrames connect(int pid) throws IOException {
    WorkerFrames frames =
        new WorkerFrames(WorkerProcess.awaitVariable(pid, "FORKYARD_WORKER_SOCKET"));
    frames.hello(WorkerProcess.token(pid), 1);
    return frames;
  }

  @Test
  void resultOverTheLimitFailsItsCallAndTheWorkerGoesOn() throws Exception {
    try (WorkerFrames frames = connect(worker().getPid())) {
      Calls run = tasks.run("p");
      run.chunk(1, "f", "[0]", "[1]", "[2]");
      run.chunk(2, "f", "[]");
      run.halfClose();
      String text = "\"" + "x".repeat(20 << 20) + "\"";
      frames.results(frames.receive().getAssign().getNumber(), 0, 3, "[0," + text + ", 2]");
      frames.results(frames.receive().getAssign().getNumber(), 0, 1, "[3]");
      assertThat(run.awaitEnd())
          .containsExactly("1.0 [0]", "1.1 ENCODE_ERROR", "1.2 [2]", "2.0 [3]");
      assertThat(run.outcomes(1).get(1).getFailure().getFailure().getMessage())
          .contains("20971522 bytes", "at most 15728640");
    }
  }

  @Test
  void functionProcessIsDrainedWithItsOnlyCallAndEndsByItself() throws Exception {
    tasks.create("p", 1, "sleep", "1000");
    ProcessClient processes = new ProcessClient(daemon.channel());
    FunctionSpec.Builder spec = FunctionSpec.newBuilder();
    spec.setWorker(PoolClient.command("sleep", "1000"));
    spec.setFunction(Function.newBuilder().setName("f"));
    var process =
        processes.start(StartProcessRequest.newBuilder().setProcessId("f").setFunction(spec));
    try (WorkerFrames frames = connect(process.getPid())) {
      assertThat(frames.receive().getAssign().getArguments().getJson()).isEqualTo("[[]]");
      assertThat(frames.receive().hasDrain()).isTrue();
      frames.results(1, 0, 1, "[7]");
      processes.stop("f", ProcessClient.AT_ONCE);
    }
    GetProcessRequest get = GetProcessRequest.newBuilder().setProcessId("f").build();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> processes.stub().getProcess(get).getOutcome().getResult().getJson().equals("7"));
  }

  /** Something that is no answer, as a length and as many bytes of it as are worth sending. */
  @ParameterizedTest
  @CsvSource({"5, 5, A frame is no WorkerFrame", "67108865, 0, A frame has more than 67108864"})
  void authorOfAWorkerLearnsWhyItWasDisconnected(int length, int bytes, String why)
      throws Exception {
    WorkerInfo worker = worker();
    Calls run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.halfClose();
    try (WorkerFrames frames = connect(worker.getPid())) {
      assertThat(frames.receive().getAssign().getCount()).isEqualTo(1);
      byte[] garbage = new byte[bytes];
      Arrays.fill(garbage, (byte) -1);
      frames.send(length, garbage);
      frames.awaitEnd();
    }
    WorkerProcess.kill(worker.getPid());
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
    Failure lost = run.outcomes(1).get(0).getFailure().getFailure();
    assertThat(lost.getMessage()).contains("The worker had broken the protocol: " + why);
    assertThat(lost.getWorkerExit()).isEqualTo("signal KILL");
    String pid = " (pid " + ProcessHandle.current().pid() + ") ";
    assertThat(daemon.log())
        .anyMatch(
            line ->
                line.contains("WARNING worker " + worker.getProcessId() + pid + "broke")
                    && line.contains(why));
  }

  @ParameterizedTest
  @CsvSource({
    "token, No worker has this token",
    "version, The daemon speaks version 1",
    "result, The first frame of a worker must be hello"
  })
  void failedStartTellsWhatTheWorkerSaidWrong(String wrong, String why) {
    String java = System.getProperty("java.home") + "/bin/java";
    String classPath = Objects.requireNonNull(System.getProperty("java.class.path"));
    tasks.create("p", 1, java, "-cp", classPath, WorkerFrames.class.getName(), wrong);
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> tasks.get("p").getState() == PoolState.POOL_STATE_FAILED);
    assertThat(tasks.get("p").getFailure().getMessage())
        .contains("exit code 5", "The worker had broken the protocol: " + why);
    assertThat(daemon.log()).anyMatch(line -> line.contains("worker proc-") && line.contains(why));
  }
}
