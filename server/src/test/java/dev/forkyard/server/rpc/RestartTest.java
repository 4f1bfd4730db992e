package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.ProcessClient.AT_ONCE;
import static dev.forkyard.server.testing.ProcessClient.A_MINUTE;
import static dev.forkyard.server.testing.ProcessClient.command;
import static dev.forkyard.server.testing.ProcessClient.restarting;
import static dev.forkyard.server.testing.ProcessClient.script;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.Watcher;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.RestartProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WatchProcessesRequest;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** RestartProcess: the next run of the same process, and who wins against it. */
class RestartTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  /** Ends only by KILL. */
  private static final String STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done";

  private static ProcessClient processes;

  @BeforeAll
  static void start() {
    processes = new ProcessClient(DAEMON.channel());
  }

  private static String reason(ListenableFuture<?> refused) {
    Throwable failure = catchThrowable(() -> refused.get(60, TimeUnit.SECONDS));
    assertThat(failure).isInstanceOf(ExecutionException.class);
    return Refusals.reason(Objects.requireNonNull(failure.getCause()));
  }

  private static ListenableFuture<RestartProcessResponse> restartThatWaits(String id) {
    processes.start(script(id, STUBBORN));
    processes.awaitText(id, "ready");
    var restart = processes.futures().restartProcess(restarting(id, A_MINUTE));
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> processes.get(id).getState() == ProcessState.PROCESS_STATE_STOPPING);
    return restart;
  }

  @Test
  void nextRunHasTheSameCommandAndLabelsAndAnotherSession() {
    ProcessInfo first =
        processes.start(script("again", "echo run; exec sleep 600").putLabels("team", "kel"));
    processes.awaitText("again", "run\n");
    ProcessInfo second = processes.restart("again");
    assertThat(second.getRun()).isEqualTo(2);
    assertThat(second.getState()).isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
    assertThat(second.getPid()).isNotEqualTo(first.getPid());
    assertThat(second.getSessionId()).isNotEqualTo(first.getSessionId());
    assertThat(second.getArgvList()).isEqualTo(first.getArgvList());
    assertThat(second.getLabelsMap()).containsEntry("team", "kel");
    assertThat(second.hasExit()).isFalse();
    assertThat(second.getPreviousExit().getRun()).isEqualTo(1);
    assertThat(second.getPreviousExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_RESTART_REQUESTED);
    assertThat(second.getRevision()).isGreaterThan(first.getRevision());
    processes.awaitText("again", "run\nrun\n");
    ProcessInfo last = processes.stop("again", AT_ONCE).getProcess();
    assertThat(last.getStdout().getRunCursor()).isEqualTo(4);
    assertThat(last.getExit().getRun()).isEqualTo(2);
    assertThat(last.getPreviousExit().getRun()).isEqualTo(1);
  }

  @Test
  void endedProcessRunsAgain() {
    processes.start(script("ended", "exit 3"));
    processes.ended("ended");
    ProcessInfo second = processes.restart("ended");
    assertThat(second.getPreviousExit().getCode()).isEqualTo(3);
    assertThat(second.getPreviousExit().getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SELF);
    assertThat(processes.ended("ended").getExit().getRun()).isEqualTo(2);
  }

  @Test
  void waitOfARunAnswersWithTheEndOfThatRunAndExitedIsToldBeforeStarted() throws Exception {
    processes.start(command("waited", "sleep", "600"));
    var wait =
        processes
            .futures()
            .waitProcess(WaitProcessRequest.newBuilder().setProcessId("waited").build());
    WatchProcessesRequest only = WatchProcessesRequest.newBuilder().setProcessId("waited").build();
    try (Watcher watcher = new Watcher(DAEMON.channel(), only)) {
      watcher.list();
      processes.restart("waited");
      ProcessInfo ended = wait.get(60, TimeUnit.SECONDS).getProcess();
      assertThat(ended.getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
      assertThat(ended.getExit().getRun()).isEqualTo(1);
      assertThat(watcher.until(ProcessEvent.PROCESS_EVENT_STARTED, "waited"))
          .extracting(message -> message.getEvent() + " " + message.getProcess().getRun())
          .containsExactly(
              "PROCESS_EVENT_STOPPING 1", "PROCESS_EVENT_EXITED 1", "PROCESS_EVENT_STARTED 2");
    }
    processes.stop("waited", AT_ONCE);
  }

  @Test
  void leftoverOfAnEarlierRunDoesNotWriteIntoTheNext(@TempDir Path folder) throws Exception {
    Path go = folder.resolve("go");
    Path done = folder.resolve("done");
    String leftover =
        "(trap '' HUP; until [ -e "
            + go
            + " ]; do sleep 0.05; done; echo late; touch "
            + done
            + ") & echo first";
    processes.start(
        script(
            "leftover",
            "[ -e "
                + folder.resolve("second")
                + " ] && exec sleep 600; touch "
                + folder.resolve("second")
                + "; "
                + leftover));
    processes.ended("leftover");
    processes.restart("leftover");
    Files.createFile(go);
    await().atMost(TestDaemon.PATIENCE).until(() -> Files.exists(done));
    assertThat(processes.text("leftover")).isEqualTo("first\n");
    processes.stop("leftover", AT_ONCE);
  }

  @Test
  void oneOfTwoRestartsWins() throws Exception {
    var first = restartThatWaits("twice");
    assertRefused(Code.FAILED_PRECONDITION, "PROCESS_RESTARTING", () -> processes.restart("twice"));
    assertRefused(Code.FAILED_PRECONDITION, "PROCESS_RUNNING", () -> processes.delete("twice"));
    processes.signal("twice", "KILL");
    assertThat(first.get(60, TimeUnit.SECONDS).getProcess().getRun()).isEqualTo(2);
    processes.stop("twice", AT_ONCE);
  }

  @Test
  void stopCallsOffARestartThatWaits() {
    var restart = restartThatWaits("called-off");
    ProcessInfo ended = processes.stop("called-off", AT_ONCE).getProcess();
    assertThat(reason(restart)).isEqualTo("RESTART_CALLED_OFF");
    assertThat(ended.getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
    assertThat(ended.getExit().getCause()).isEqualTo(ExitCause.EXIT_CAUSE_STOP_REQUESTED);
    assertThat(processes.get("called-off").getRun()).isEqualTo(1);
  }

  @Test
  void endOfTheOwnerCallsOffARestartAndForbidsTheNext() {
    SessionClient owner = SessionClient.open(DAEMON.channel());
    processes.start(
        script("owned", STUBBORN)
            .setOwnerSessionId(owner.sessionId())
            .setStopGrace(com.google.protobuf.Duration.newBuilder().setNanos(100_000_000)));
    processes.awaitText("owned", "ready");
    var restart = processes.futures().restartProcess(restarting("owned", A_MINUTE));
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> processes.get("owned").getState() == ProcessState.PROCESS_STATE_STOPPING);
    owner.breakOff();
    assertThat(reason(restart)).isEqualTo("RESTART_CALLED_OFF");
    assertThat(processes.ended("owned").getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_SESSION_ENDED);
    assertRefused(Code.NOT_FOUND, "SESSION_NOT_FOUND", () -> processes.restart("owned"));
  }

  @Test
  void restartedProcessStillEndsWithItsOwner() {
    SessionClient owner = SessionClient.open(DAEMON.channel());
    processes.start(script("owned-on", "exit 0").setOwnerSessionId(owner.sessionId()));
    processes.ended("owned-on");
    processes.start(command("owned-two", "sleep", "600").setOwnerSessionId(owner.sessionId()));
    processes.restart("owned-two");
    owner.breakOff();
    ProcessExit exit = processes.ended("owned-two").getExit();
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SESSION_ENDED);
    assertThat(exit.getRun()).isEqualTo(2);
  }

  @Test
  void runThatCannotBeStartedLeavesAnEndedProcessWithItsError(@TempDir Path folder)
      throws Exception {
    Path program = Files.createSymbolicLink(folder.resolve("program"), Path.of("/bin/sleep"));
    processes.start(command("broken", program.toString(), "600"));
    Files.delete(program);
    assertRefused(Code.INVALID_ARGUMENT, "PROGRAM_NOT_FOUND", () -> processes.restart("broken"));
    ProcessInfo ended = processes.ended("broken");
    ProcessExit exit = ended.getExit();
    assertThat(ended.getState()).isEqualTo(ProcessState.PROCESS_STATE_EXITED);
    assertThat(exit.getCause()).isEqualTo(ExitCause.EXIT_CAUSE_SPAWN_FAILED);
    assertThat(exit.getRun()).isEqualTo(2);
    assertThat(exit.getSpawnError().getErrnoName()).isEqualTo("ENOENT");
    assertThat(exit.getSpawnError().getErrno()).isEqualTo(2);
    assertThat(exit.getSpawnError().getStage()).isEqualTo("LOOKUP");
    assertThat(exit.getSpawnError().getPath()).isEqualTo(program.toString());
    assertThat(exit.getSpawnError().getMessage()).endsWith(".");
    assertThat(ended.getPreviousExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_RESTART_REQUESTED);
    assertThat(processes.stop("broken", AT_ONCE).getSurvivorPidsList()).isEqualTo(List.of());
    processes.delete("broken");
  }

  @Test
  void restartOfNothingIsRefused() {
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> processes.restart("nothing"));
  }
}
