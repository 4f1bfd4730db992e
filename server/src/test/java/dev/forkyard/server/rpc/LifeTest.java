package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.A_MINUTE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.ProcessClient.script;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WorkerSpec;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Options of a process's life: labels, stop signal and grace, run timeout, request ids. */
class LifeTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final Duration A_MOMENT = Duration.newBuilder().setNanos(200_000_000).build();
  private static final String STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  private static StopProcessResponse stopAsItIs(String id) {
    return processes.stub().stopProcess(StopProcessRequest.newBuilder().setProcessId(id).build());
  }

  @Test
  void runThatTakesTooLongIsStoppedWithItsCause() {
    processes.start(command("late", "sleep", "600").setRunTimeout(A_MOMENT));
    ProcessExit exit = processes.ended("late").getExit();
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_TIMEOUT);
    assertThat(exit.getSignal()).isEqualTo("TERM");
    assertThat(exit.hasTime()).isTrue();
  }

  @Test
  void runThatMayTakeNoTimeIsRefused() {
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () ->
            processes.start(command("never", "true").setRunTimeout(Duration.getDefaultInstance())));
  }

  @Test
  void timeoutIsForEachRunAnew() {
    processes.start(command("late-again", "sleep", "600").setRunTimeout(A_MOMENT));
    processes.ended("late-again");
    processes.restart("late-again");
    ProcessExit exit = processes.ended("late-again").getExit();
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_TIMEOUT);
    assertThat(exit.getRun()).isEqualTo(2);
  }

  @Test
  void stopUsesTheSignalAndTheGraceOfTheProcess() {
    processes.start(
        script("interrupted", "trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done")
            .setStopSignal("SIGINT")
            .setStopGrace(A_MINUTE));
    processes.awaitText("interrupted", "ready");
    ProcessExit exit = stopAsItIs("interrupted").getProcess().getExit();
    assertThat(exit.getCode()).isEqualTo(7);
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_STOP_REQUESTED);
    processes.start(script("hasty", STUBBORN).setStopGrace(AT_ONCE));
    processes.awaitText("hasty", "ready");
    assertThat(stopAsItIs("hasty").getProcess().getExit().getSignal()).isEqualTo("KILL");
    assertRefused(
        Code.INVALID_ARGUMENT,
        "UNKNOWN_SIGNAL",
        () -> processes.start(command("", "true").setStopSignal("NONSENSE")));
  }

  @Test
  void endOfTheOwnerUsesTheGraceOfTheProcess() {
    SessionClient owner = SessionClient.open(DAEMON.channel());
    processes.start(
        script("orphan", STUBBORN).setOwnerSessionId(owner.sessionId()).setStopGrace(A_MOMENT));
    processes.awaitText("orphan", "ready");
    owner.breakOff();
    ProcessExit exit = processes.ended("orphan").getExit();
    assertThat(exit.getSignal()).isEqualTo("KILL");
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SESSION_ENDED);
  }

  @Test
  void childThatIsStoppedActsOnTheStopSignal() {
    processes.start(
        script("frozen", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
    processes.awaitText("frozen", "ready");
    processes.signal("frozen", "STOP");
    assertThat(processes.stop("frozen", A_MINUTE).getProcess().getExit().getCode()).isEqualTo(7);
  }

  @Test
  void stopReportsDescendantsInASessionOfTheirOwnAndLeavesThemAlone() {
    processes.start(script("tree", "setsid sh -c 'echo $$; exec sleep 600' & sleep 601 & wait"));
    processes.awaitText("tree", "\n");
    int elsewhere = Integer.parseInt(processes.text("tree").strip());
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () ->
                ProcessHandle.of(elsewhere)
                    .flatMap(process -> process.info().command())
                    .filter(program -> program.endsWith("sleep"))
                    .isPresent());
    StopProcessResponse stopped = processes.stop("tree", A_MINUTE);
    assertThat(stopped.getSurvivorPidsList()).containsExactly(elsewhere);
    ProcessHandle survivor = ProcessHandle.of(elsewhere).orElseThrow();
    assertThat(survivor.isAlive()).isTrue();
    survivor.destroyForcibly();
  }

  @Test
  void stopOfAnEndedProcessEndsWhatItsGroupLeft() {
    processes.start(script("parent", "sleep 600 & echo $!"));
    ProcessInfo ended = processes.ended("parent");
    assertThat(ended.getExit().getCode()).isZero();
    long grandchild = Long.parseLong(processes.text("parent").strip());
    assertThat(ProcessHandle.of(grandchild)).isPresent();
    StopProcessResponse stopped = processes.stop("parent", A_MINUTE);
    assertThat(stopped.getSurvivorPidsList()).isEmpty();
    assertThat(stopped.getProcess().getExit()).isEqualTo(ended.getExit());
    assertThat(TestDaemon.started(DAEMON.get().directory())).doesNotContain(grandchild);
  }

  @Test
  void stopWhileStartingWaitsForTheStartAndThenStops() throws Exception {
    for (int i = 0; i < 20; i++) {
      String id = "starting-" + i;
      var start = processes.futures().startProcess(command(id, "sleep", "600").build());
      StopProcessResponse stopped = null;
      while (stopped == null) {
        try {
          stopped = processes.stop(id, A_MINUTE);
        } catch (io.grpc.StatusRuntimeException notYet) {
          assertThat(notYet.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
        }
      }
      assertThat(start.get(60, TimeUnit.SECONDS).getProcess().getPid()).isPositive();
      assertThat(stopped.getProcess().getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
      assertThat(stopped.getProcess().getExit().getSignal()).isEqualTo("TERM");
    }
  }

  @Test
  void processesAreFoundByLabelsAndStates() {
    processes.start(command("web-1", "sleep", "600").putLabels("tier", "web").putLabels("n", "1"));
    processes.start(command("web-2", "true").putLabels("tier", "web").putLabels("n", "2"));
    processes.start(command("db", "true").putLabels("tier", "db"));
    processes.ended("web-2");
    processes.ended("db");
    assertThat(found(ListProcessesRequest.newBuilder().putLabels("tier", "web")))
        .containsExactly("web-1", "web-2");
    assertThat(
            found(ListProcessesRequest.newBuilder().putLabels("tier", "web").putLabels("n", "2")))
        .containsExactly("web-2");
    assertThat(
            found(
                ListProcessesRequest.newBuilder()
                    .putLabels("tier", "web")
                    .addStates(ProcessState.PROCESS_STATE_RUNNING)))
        .containsExactly("web-1");
    processes.stop("web-1", AT_ONCE);
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () -> found(ListProcessesRequest.newBuilder().addStatesValue(77)));
  }

  private static List<String> found(ListProcessesRequest.Builder request) {
    return processes
        .stub()
        .listProcesses(request.setPageSize(1000).build())
        .getProcessesList()
        .stream()
        .map(ProcessInfo::getProcessId)
        .toList();
  }

  @Test
  void revisionOfAListIsThatOfTheWorldBeforeIt() {
    processes.start(command("revised", "true"));
    long ended = processes.ended("revised").getRevision();
    assertThat(
            processes.stub().listProcesses(ListProcessesRequest.getDefaultInstance()).getRevision())
        .isGreaterThanOrEqualTo(ended);
  }

  @Test
  void labelsAreBounded() {
    StartProcessRequest.Builder many = command("", "true");
    for (int i = 0; i < 33; i++) {
      many.putLabels("l" + i, "");
    }
    for (StartProcessRequest.Builder bad :
        List.of(
            many,
            command("", "true").putLabels("Upper", ""),
            command("", "true").putLabels("", ""),
            command("", "true").putLabels("a", "ä".repeat(129)))) {
      assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> processes.start(bad));
    }
  }

  @Test
  void sameStartTwiceUnderOneRequestIdIsOneProcess() {
    StartProcessRequest.Builder request = command("", "sleep", "600").setRequestId("once");
    ProcessInfo first = processes.start(request);
    assertThat(processes.start(request).getPid()).isEqualTo(first.getPid());
    assertRefused(
        Code.FAILED_PRECONDITION,
        "REQUEST_ID_REUSED",
        () -> processes.start(command("", "sleep", "601").setRequestId("once")));
    processes.stop(first.getProcessId(), AT_ONCE);
    assertThat(processes.start(request).getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
    processes.delete(first.getProcessId());
    assertThat(processes.start(request)).isEqualTo(first);
  }

  @Test
  void cancelledStartIsRememberedUnderItsRequestId() {
    StartProcessRequest.Builder request =
        command("cancelled", "sleep", "600").setRequestId("cancelled");
    processes.futures().startProcess(request.build()).cancel(true);
    ProcessInfo process = processes.start(request);
    assertThat(process.getRun()).isEqualTo(1);
    processes.stop("cancelled", AT_ONCE);
  }

  private static void assertNotStarted(
      StartProcessRequest.Builder request, String reason, String errno, String stage) {
    Throwable refused = catchThrowable(() -> processes.start(request));
    assertThat(Refusals.reason(refused)).isEqualTo(reason);
    assertThat(String.valueOf(StatusProto.fromThrowable(refused))).contains(errno, stage);
  }

  @Test
  void failuresOfExecAreToldApartWithErrnoAndStage(@TempDir Path folder) throws IOException {
    Path noFormat = Files.writeString(folder.resolve("no-format"), "\0\1\2\3");
    assertThat(noFormat.toFile().setExecutable(true)).isTrue();
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    Path noInterpreter = Files.writeString(folder.resolve("script"), "#!/no/such/shell\n");
    assertThat(noInterpreter.toFile().setExecutable(true)).isTrue();
    assertNotStarted(command("", "no-such"), "PROGRAM_NOT_FOUND", "ENOENT", "LOOKUP");
    assertNotStarted(command("", plain.toString()), "PROGRAM_NOT_EXECUTABLE", "EACCES", "LOOKUP");
    assertNotStarted(command("", noFormat.toString()), "PROGRAM_NOT_EXECUTABLE", "ENOEXEC", "EXEC");
    assertNotStarted(
        command("", noInterpreter.toString()), "PROGRAM_NOT_EXECUTABLE", "ENOENT", "EXEC");
    assertNotStarted(
        command("", "true", "x".repeat(3 << 20)), "ARGUMENTS_TOO_LONG", "E2BIG", "ARGUMENTS");
    StartProcessRequest.Builder nowhere = command("", "true");
    nowhere.getCommandBuilder().setCwd("/no/such/directory");
    assertNotStarted(nowhere, "BAD_WORKING_DIRECTORY", "ENOENT", "WORKING_DIRECTORY");
  }

  @Test
  void endTellsTheUsageOfTheProcess() {
    processes.start(script("busy", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"));
    ProcessExit exit = processes.ended("busy").getExit();
    assertThat(List.of(exit.getUserTime(), exit.getSystemTime()))
        .anyMatch(time -> time.getSeconds() > 0 || time.getNanos() > 0);
    assertThat(exit.getMaxRssBytes()).isPositive();
    assertThat(exit.getCoreDumped()).isFalse();
  }

  @Test
  void endTellsOfACoreDump(@TempDir Path folder) throws IOException {
    assumeThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern")))
        .as("cores go to files")
        .doesNotStartWith("|");
    String limits = Files.readString(Path.of("/proc/self/limits"));
    assumeThat(limits).containsPattern("Max core file size +\\w+ +unlimited");
    processes.start(
        script("crashing", "cd %s; ulimit -c unlimited; kill -SEGV $$".formatted(folder)));
    ProcessExit exit = processes.ended("crashing").getExit();
    assertThat(exit.getSignal()).isEqualTo("SEGV");
    assertThat(exit.getCoreDumped()).isTrue();
  }

  @Test
  void signalReachesTheProcessAloneOrItsWholeGroup() {
    processes.start(
        script(
            "family",
            "trap 'echo parent' USR1; (trap 'echo child' USR1; echo ready;"
                + " while :; do sleep 0.05; done) & while :; do sleep 0.05; done"));
    processes.awaitText("family", "ready\n");
    processes.signal("family", "USR1");
    processes.awaitText("family", "parent\n");
    assertThat(processes.text("family")).doesNotContain("child");
    SignalProcessRequest group =
        SignalProcessRequest.newBuilder()
            .setProcessId("family")
            .setSignal("USR1")
            .setWholeGroup(true)
            .build();
    assertThat(processes.stub().signalProcess(group).getSent()).isTrue();
    processes.awaitText("family", "child\n");
    processes.stop("family", AT_ONCE);
  }

  @Test
  void functionIsNotRestarted() {
    // that it is a function is known before its worker runs anything
    StartProcessRequest request =
        StartProcessRequest.newBuilder()
            .setProcessId("function")
            .setFunction(
                FunctionSpec.newBuilder()
                    .setFunction(Function.newBuilder().setName("no.Such::function"))
                    .setArguments(Payload.newBuilder().setJson("[]"))
                    .setWorker(
                        WorkerSpec.newBuilder()
                            .setJava(
                                JavaRuntime.newBuilder()
                                    .setJavaHome(System.getProperty("java.home"))
                                    .addClassPath("/"))))
            .build();
    processes.stub().startProcess(request);
    assertRefused(Code.FAILED_PRECONDITION, "NOT_RESTARTABLE", () -> processes.restart("function"));
    processes.stop("function", AT_ONCE);
  }

  @Test
  void runningProcessIsNotTouchedByTheEndOfAWatch() {
    ProcessInfo process = processes.start(command("watched", "sleep", "600"));
    WatchProcessesRequest all = WatchProcessesRequest.getDefaultInstance();
    try (Watcher watcher = new Watcher(DAEMON.channel(), all)) {
      watcher.list();
    }
    assertThat(processes.get("watched")).isEqualTo(process);
    processes.stop("watched", AT_ONCE);
  }
}
