package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands over unary calls: starting, waiting, stopping, and how they end. */
class CommandTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final Duration NOT_AT_ALL = Duration.getDefaultInstance();

  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() {
    processes = ProcessServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static StartProcessRequest command(String... argv) {
    return StartProcessRequest.newBuilder()
        .setCommand(CommandSpec.newBuilder().addAllArgv(List.of(argv)))
        .build();
  }

  private static ProcessInfo run(String... argv) {
    return processes.startProcess(command(argv)).getProcess();
  }

  private static WaitProcessRequest waiting(String id) {
    return WaitProcessRequest.newBuilder().setProcessId(id).build();
  }

  private static ProcessInfo ended(String id) {
    WaitProcessResponse response =
        processes.withDeadlineAfter(60, TimeUnit.SECONDS).waitProcess(waiting(id));
    assertThat(response.getTimedOut()).isFalse();
    assertThat(response.getProcess().getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
    return response.getProcess();
  }

  private static ProcessInfo get(String id) {
    return processes
        .getProcess(GetProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess();
  }

  private static StopProcessResponse stop(String id, Duration grace) {
    return processes
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .stopProcess(StopProcessRequest.newBuilder().setProcessId(id).setGrace(grace).build());
  }

  private static void signal(String id, String name) {
    processes.signalProcess(
        SignalProcessRequest.newBuilder().setProcessId(id).setSignal(name).build());
  }

  private static String text(String id) {
    return processes
        .readOutput(ReadOutputRequest.newBuilder().setProcessId(id).setAsText(true).build())
        .getText();
  }

  private static void awaitOutput(String id, String text) {
    await().atMost(TestDaemon.PATIENCE).until(() -> text(id).contains(text));
  }

  @Test
  void everyWayToEndIsToldApart() {
    ProcessExit ok = ended(run("true").getProcessId()).getExit();
    assertThat(ok.hasCode()).isTrue();
    assertThat(ok.getCode()).isZero();
    assertThat(ok.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SELF);
    assertThat(ok.getRun()).isEqualTo(1);
    assertThat(ok.hasTime()).isTrue();
    ProcessExit code137 = ended(run("sh", "-c", "exit 137").getProcessId()).getExit();
    assertThat(code137.getCode()).isEqualTo(137);
    assertThat(code137.hasSignal()).isFalse();
    ProcessExit killed = ended(run("sh", "-c", "kill -KILL $$").getProcessId()).getExit();
    assertThat(killed.hasCode()).isFalse();
    assertThat(killed.getSignal()).isEqualTo("KILL");
    assertThat(killed.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SELF);
    ProcessExit crashed = ended(run("sh", "-c", "kill -SEGV $$").getProcessId()).getExit();
    assertThat(crashed.getSignal()).isEqualTo("SEGV");
    String signalled = run("sleep", "600").getProcessId();
    signal(signalled, "SIGKILL");
    ProcessExit requested = ended(signalled).getExit();
    assertThat(requested.getSignal()).isEqualTo("KILL");
    assertThat(requested.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_STOP_REQUESTED);
  }

  @Test
  void stopRequestIsTheCauseWhateverTheExitCode() {
    String id =
        run("sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")
            .getProcessId();
    awaitOutput(id, "ready");
    ProcessExit exit =
        stop(id, Duration.newBuilder().setSeconds(60).build()).getProcess().getExit();
    assertThat(exit.getCode()).isEqualTo(7);
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_STOP_REQUESTED);
  }

  @Test
  void whatTheSystemRefusesToStartIsRefusedWithItsReasonAndNotKept() {
    int before = count();
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> run());
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () -> processes.startProcess(StartProcessRequest.getDefaultInstance()));
    assertRefused(Code.INVALID_ARGUMENT, "PROGRAM_NOT_FOUND", () -> run("no-such-program"));
    assertRefused(Code.INVALID_ARGUMENT, "PROGRAM_NOT_FOUND", () -> run("/no/such/program"));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> run(""));
    assertRefused(Code.INVALID_ARGUMENT, "PROGRAM_NOT_EXECUTABLE", () -> run("/etc/passwd"));
    assertRefused(Code.INVALID_ARGUMENT, "PROGRAM_NOT_EXECUTABLE", () -> run("/etc"));
    assertRefused(
        Code.INVALID_ARGUMENT, "ARGUMENTS_TOO_LONG", () -> run("true", "x".repeat(3 << 20)));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> run("true", "a\0b"));
    for (String cwd : List.of("/no/such/dir", "/etc/passwd", "relative", ".", "/a\0b")) {
      CommandSpec spec = CommandSpec.newBuilder().addArgv("true").setCwd(cwd).build();
      assertRefused(
          Code.INVALID_ARGUMENT,
          cwd.contains("\0") ? "INVALID_ARGUMENT" : "BAD_WORKING_DIRECTORY",
          () -> processes.startProcess(StartProcessRequest.newBuilder().setCommand(spec).build()));
    }
    assertThat(count()).isEqualTo(before);
  }

  @Test
  void malformedEnvironmentIsRefused() {
    for (String name : List.of("", "A=B", "A\0B")) {
      CommandSpec spec = CommandSpec.newBuilder().addArgv("true").putEnv(name, "1").build();
      assertRefused(
          Code.INVALID_ARGUMENT,
          "INVALID_ARGUMENT",
          () -> processes.startProcess(StartProcessRequest.newBuilder().setCommand(spec).build()));
    }
  }

  private static int count() {
    return processes
        .listProcesses(dev.forkyard.v1.ListProcessesRequest.newBuilder().setPageSize(1000).build())
        .getProcessesCount();
  }

  @Test
  void chosenIdIsTakenUntilItsProcessIsDeleted() {
    StartProcessRequest request = command("true").toBuilder().setProcessId("once").build();
    assertThat(processes.startProcess(request).getProcess().getProcessId()).isEqualTo("once");
    assertRefused(Code.ALREADY_EXISTS, "PROCESS_EXISTS", () -> processes.startProcess(request));
    ended("once");
    delete("once");
    processes.startProcess(request);
    ended("once");
  }

  private static void delete(String id) {
    processes.deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
  }

  @Test
  void runningProcessIsNotDeletedAndAnEndedOneIsForgotten() {
    String id = run("sleep", "600").getProcessId();
    assertRefused(Code.FAILED_PRECONDITION, "PROCESS_RUNNING", () -> delete(id));
    assertThat(get(id).getState()).isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
    stop(id, NOT_AT_ALL);
    delete(id);
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> get(id));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> delete(id));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> ended(id));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> stop(id, NOT_AT_ALL));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> signal(id, "TERM"));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> text(id));
  }

  @Test
  void waitThatIsOverIsAnAnswer() {
    String id = run("sleep", "600").getProcessId();
    for (Duration timeout : List.of(NOT_AT_ALL, Duration.newBuilder().setNanos(1000).build())) {
      WaitProcessResponse response =
          processes.waitProcess(waiting(id).toBuilder().setTimeout(timeout).build());
      assertThat(response.getTimedOut()).isTrue();
      assertThat(response.getProcess().getState()).isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
    }
    stop(id, NOT_AT_ALL);
    assertThat(
            processes
                .waitProcess(waiting(id).toBuilder().setTimeout(NOT_AT_ALL).build())
                .getTimedOut())
        .isFalse();
  }

  @Test
  void deadlineAndCancelOfTheClientLeaveTheProcessAlone() {
    String id = run("sleep", "600").getProcessId();
    int waitingBefore = waitingCalls();
    try {
      processes.withDeadlineAfter(50, TimeUnit.MILLISECONDS).waitProcess(waiting(id));
      throw new AssertionError("the wait ended");
    } catch (io.grpc.StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    }
    var call = ProcessServiceGrpc.newFutureStub(DAEMON.channel()).waitProcess(waiting(id));
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() > waitingBefore);
    call.cancel(true);
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() == waitingBefore);
    assertThat(get(id).getState()).isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
    stop(id, NOT_AT_ALL);
  }

  private static int waitingCalls() {
    return DAEMON.get().counts().getWaitingCalls();
  }

  @Test
  void cancelledStartStartsOrDoesNotButNeverKills() {
    StartProcessRequest request =
        command("sleep", "600").toBuilder().setProcessId("cancelled-start").build();
    ProcessServiceGrpc.newFutureStub(DAEMON.channel()).startProcess(request).cancel(true);
    ProcessInfo sure;
    try {
      sure = processes.startProcess(request).getProcess();
    } catch (io.grpc.StatusRuntimeException exists) {
      await()
          .atMost(TestDaemon.PATIENCE)
          .until(() -> get("cancelled-start").getState() == ProcessState.PROCESS_STATE_RUNNING);
      sure = get("cancelled-start");
    }
    assertThat(ProcessHandle.of(sure.getPid()).map(ProcessHandle::isAlive)).contains(true);
    stop("cancelled-start", NOT_AT_ALL);
  }

  @Test
  void childThatIgnoresTermIsKilledAfterTheGrace() {
    String id =
        run("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done").getProcessId();
    awaitOutput(id, "ready");
    StopProcessResponse stopped = stop(id, Duration.newBuilder().setNanos(200_000_000).build());
    assertThat(stopped.getProcess().getExit().getSignal()).isEqualTo("KILL");
    assertThat(stopped.getSurvivorPidsList()).isEmpty();
  }

  @Test
  void stoppedChildCanBeStopped() {
    String id = run("sleep", "600").getProcessId();
    signal(id, "STOP");
    StopProcessResponse stopped = stop(id, Duration.newBuilder().setNanos(200_000_000).build());
    assertThat(stopped.getProcess().getExit().hasSignal()).isTrue();
  }

  @Test
  void stopEndsTheWholeGroup() {
    String id =
        run("sh", "-c", "sleep 611 & (sleep 612 & sleep 613) & echo ready; wait").getProcessId();
    awaitOutput(id, "ready");
    stop(id, Duration.newBuilder().setSeconds(60).build());
    assertThat(commands().filter(line -> line.matches(".*sleep 61[123]"))).isEmpty();
  }

  private static Stream<String> commands() {
    return TestDaemon.started(DAEMON.get().directory()).stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .flatMap(process -> process.info().commandLine().stream());
  }

  @Test
  void stopAndSignalOfAnEndedProcessSaySo() {
    String id = run("true").getProcessId();
    ended(id);
    assertThat(stop(id, NOT_AT_ALL).getProcess().getExit().getCode()).isZero();
    assertThat(
            processes
                .signalProcess(
                    SignalProcessRequest.newBuilder().setProcessId(id).setSignal("TERM").build())
                .getSent())
        .isFalse();
    assertRefused(Code.INVALID_ARGUMENT, "UNKNOWN_SIGNAL", () -> signal(id, "NONSENSE"));
    assertRefused(Code.INVALID_ARGUMENT, "UNKNOWN_SIGNAL", () -> signal(id, ""));
  }

  @Test
  void endOfTheOwnerStopsTheProcess() {
    SessionClient owner = SessionClient.open(DAEMON.channel());
    String id =
        processes
            .startProcess(
                command("sleep", "600").toBuilder().setOwnerSessionId(owner.sessionId()).build())
            .getProcess()
            .getProcessId();
    owner.breakOff();
    assertThat(ended(id).getExit().getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SESSION_ENDED);
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () ->
            processes.startProcess(
                command("true").toBuilder().setOwnerSessionId(owner.sessionId()).build()));
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () ->
            processes.startProcess(
                command("true").toBuilder().setSessionId(owner.sessionId()).build()));
  }

  @Test
  void everyOneOfManyShortProcessesIsWaitedForToItsEnd() {
    for (int i = 0; i < 300; i++) {
      String id = run("sh", "-c", "printf x; exit " + i % 3).getProcessId();
      ProcessInfo process = ended(id);
      assertThat(process.getExit().getCode()).isEqualTo(i % 3);
      assertThat(process.getStdout().getEndCursor()).isEqualTo(1);
      delete(id);
    }
  }

  @Test
  void waitAnswersForProcessesThatEndBeforeTheirStartIsToldOf() throws Exception {
    ProcessServiceGrpc.ProcessServiceFutureStub futures =
        ProcessServiceGrpc.newFutureStub(DAEMON.channel());
    for (int wave = 0; wave < 40; wave++) {
      List<ListenableFuture<StartProcessResponse>> starts = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        starts.add(futures.startProcess(command("true")));
      }
      for (ListenableFuture<StartProcessResponse> start : starts) {
        String id = start.get(60, TimeUnit.SECONDS).getProcess().getProcessId();
        assertThat(ended(id).getExit().getCode()).isZero();
        delete(id);
      }
    }
  }
}
