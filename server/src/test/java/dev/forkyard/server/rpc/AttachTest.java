package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Attachment;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.Terminal;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients attached to processes. */
class AttachTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final int WINDOW = 64 << 10;
  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() {
    processes = ProcessServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static String run(CommandSpec.Builder command) {
    return processes
        .startProcess(StartProcessRequest.newBuilder().setCommand(command).build())
        .getProcess()
        .getProcessId();
  }

  private static String reading(String script) {
    return run(
        CommandSpec.newBuilder()
            .addAllArgv(List.of("sh", "-c", script))
            .setStdin(StdinMode.STDIN_MODE_PIPE));
  }

  private static String onTerminal(String... argv) {
    return run(
        CommandSpec.newBuilder()
            .addAllArgv(List.of(argv))
            .putEnv("PS1", "")
            .setTerminal(Terminal.newBuilder().setRows(30).setColumns(100)));
  }

  private static Attachment attach(String id) {
    return Attachment.to(DAEMON.channel(), id);
  }

  private static void assertRunning(String id) {
    assertThat(
            processes
                .getProcess(GetProcessRequest.newBuilder().setProcessId(id).build())
                .getProcess()
                .getState())
        .isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
  }

  private static void kill(String id) {
    processes.stopProcess(
        StopProcessRequest.newBuilder()
            .setProcessId(id)
            .setGrace(Duration.getDefaultInstance())
            .build());
  }

  private static void assertRefused(Code code, String reason, Attachment attachment) {
    Throwable refused = attachment.failure();
    assertThat(Status.fromThrowable(refused).getCode()).as("%s", refused).isEqualTo(code);
    assertThat(Refusals.reason(refused)).isEqualTo(reason);
  }

  @Test
  void inputGoesInOutputComesOutAndTheExitIsLast() {
    String id = reading("cat; echo err >&2; exit 3");
    Attachment attachment = attach(id);
    assertThat(attachment.attached().getProcess().getProcessId()).isEqualTo(id);
    assertThat(attachment.attached().getInputWindowBytes()).isEqualTo(WINDOW);
    attachment.type("hällo\n");
    attachment.awaitOutput("hällo\n");
    attachment.awaitAccepted(7);
    attachment.endInput();
    assertThat(attachment.exited().getExit().getCode()).isEqualTo(3);
    List<AttachProcessResponse> events = attachment.events();
    assertThat(events.stream().filter(event -> event.getOutput().getEnd())).hasSize(2);
  }

  @Test
  void moreThanTheWindowArrivesWhenTheClientWaitsForCredit() {
    String id = reading("wc -c");
    Attachment attachment = attach(id);
    attachment.attached();
    String input = "x".repeat(WINDOW);
    for (int i = 1; i <= 20; i++) {
      attachment.type(input);
      attachment.awaitAccepted(i * WINDOW);
    }
    attachment.endInput();
    attachment.exited();
    assertThat(attachment.output().strip()).isEqualTo(Integer.toString(20 * WINDOW));
  }

  @Test
  void streamMustBeginWithOpenOnce() {
    String id = reading("cat");
    Attachment unopened = new Attachment(DAEMON.channel());
    unopened.type("x");
    assertRefused(Code.FAILED_PRECONDITION, "OPEN_EXPECTED", unopened);
    Attachment twice = attach(id);
    twice.open(AttachOptions.newBuilder().setProcessId(id));
    assertRefused(Code.FAILED_PRECONDITION, "ALREADY_OPEN", twice);
    Attachment empty = attach(id);
    empty.send(AttachProcessRequest.getDefaultInstance());
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", empty);
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", attach("nobody"));
    Attachment beyond = new Attachment(DAEMON.channel());
    beyond.open(AttachOptions.newBuilder().setProcessId(id).setStdoutCursor(1));
    assertRefused(Code.OUT_OF_RANGE, "CURSOR_OUT_OF_RANGE", beyond);
    assertThat(beyond.events()).isEmpty();
    assertRunning(id);
    kill(id);
  }

  @Test
  void inputBeyondTheWindowEndsTheAttachmentAndNotTheProcess() {
    String id = reading("exec sleep 600");
    Attachment attachment = attach(id);
    attachment.attached();
    for (int i = 0; i < 10; i++) {
      attachment.type("x".repeat(WINDOW));
    }
    assertRefused(Code.RESOURCE_EXHAUSTED, "INPUT_FULL", attachment);
    assertRunning(id);
    kill(id);
  }

  @Test
  void inputThatIsHeldUpHoldsUpNoSignal() {
    String id = reading("trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.1; done");
    Attachment attachment = attach(id);
    attachment.awaitOutput("ready");
    int sent = 0;
    while (sent < 320 << 10) {
      attachment.type("x".repeat(32 << 10));
      sent += 32 << 10;
      if (sent <= 256 << 10) {
        attachment.awaitAccepted(sent);
      }
    }
    attachment.type("x".repeat(32 << 10));
    attachment.signal("USR1");
    assertThat(attachment.exited().getExit().getCode()).isEqualTo(5);
    assertThat(attachment.output()).contains("usr1");
  }

  @Test
  void inputThatNobodyReadsAnyMoreIsThrownAwayAndTheExitIsTold() {
    String id = reading("head -n 1; exec 0<&-; echo closed; sleep 600");
    Attachment attachment = attach(id);
    attachment.type("first\n");
    attachment.awaitOutput("closed");
    attachment.type("x".repeat(WINDOW));
    attachment.awaitAccepted(6 + WINDOW);
    attachment.type("x".repeat(WINDOW));
    attachment.awaitAccepted(6 + 2 * WINDOW);
    attachment.signal("KILL");
    assertThat(attachment.exited().getExit().getSignal()).isEqualTo("KILL");
  }

  @Test
  void inputAfterItsEndIsRefused() {
    String id = reading("cat; exec sleep 600");
    Attachment attachment = attach(id);
    attachment.endInput();
    attachment.type("x");
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_CLOSED", attachment);
    Attachment later = attach(id);
    assertThat(later.attached().getInputWindowBytes()).isZero();
    later.type("x");
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_CLOSED", later);
    assertRunning(id);
    kill(id);
  }

  @Test
  void processWithoutInputOrTerminalCanBeWatchedAndSignalled() {
    String id = run(CommandSpec.newBuilder().addAllArgv(List.of("sleep", "600")));
    Attachment typing = attach(id);
    assertThat(typing.attached().getInputWindowBytes()).isZero();
    typing.type("x");
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_NOT_OPEN", typing);
    Attachment resizing = attach(id);
    resizing.resize(10, 10);
    assertRefused(Code.FAILED_PRECONDITION, "NO_TERMINAL", resizing);
    Attachment wrong = attach(id);
    wrong.signal("NONSENSE");
    assertRefused(Code.INVALID_ARGUMENT, "UNKNOWN_SIGNAL", wrong);
    Attachment watching = attach(id);
    watching.signal("TERM");
    assertThat(watching.exited().getExit().getSignal()).isEqualTo("TERM");
  }

  @Test
  void everyWayToLeaveLeavesTheProcessAlone() {
    String id = reading("cat");
    Attachment detached = attach(id);
    detached.type("one\n");
    detached.awaitOutput("one\n");
    detached.detach();
    assertThat(detached.status()).isEqualTo(Status.OK);
    Attachment cancelled = attach(id);
    cancelled.attached();
    cancelled.cancel();
    assertThat(cancelled.status().getCode()).isEqualTo(Code.CANCELLED);
    Attachment late =
        new Attachment(
            ProcessServiceGrpc.newStub(DAEMON.channel())
                .withDeadlineAfter(300, TimeUnit.MILLISECONDS));
    late.open(AttachOptions.newBuilder().setProcessId(id));
    assertThat(late.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    Attachment again = attach(id);
    again.type("two\n");
    again.awaitOutput("one\ntwo\n");
    again.endInput();
    assertThat(again.exited().getExit().getCode()).isZero();
  }

  @Test
  void whatWasSentBeforeDetachingIsWritten() {
    String id = reading("cat");
    Attachment leaving = attach(id);
    leaving.type("parting words\n");
    leaving.endInput();
    leaving.detach();
    assertThat(leaving.status()).isEqualTo(Status.OK);
    Attachment watching = attach(id);
    assertThat(watching.exited().getExit().getCode()).isZero();
    assertThat(watching.output()).isEqualTo("parting words\n");
  }

  @Test
  void severalClientsAreAttachedAtOnce() {
    String id = reading("cat");
    Attachment left = attach(id);
    Attachment right = attach(id);
    left.type("left\n");
    right.awaitOutput("left\n");
    right.type("right\n");
    left.awaitOutput("left\nright\n");
    left.endInput();
    left.exited();
    right.exited();
  }

  @Test
  void endedProcessIsShownAndToldAtOnce() {
    String id = run(CommandSpec.newBuilder().addAllArgv(List.of("echo", "gone")));
    attach(id).exited();
    Attachment late = attach(id);
    assertThat(late.exited().getExit().getCode()).isZero();
    assertThat(late.output()).isEqualTo("gone\n");
  }

  @Test
  void shellOnATerminalIsWorkedWithDetachedAndAttachedAgain() {
    String id = onTerminal("sh");
    Attachment attachment = attach(id);
    attachment.type("tty; stty size\n");
    attachment.awaitOutput("/dev/pts/");
    attachment.awaitOutput("30 100");
    attachment.resize(40, 132);
    attachment.type("stty size\n");
    attachment.awaitOutput("40 132");
    attachment.type(
        "sh -c 'trap \"exit 9\" INT; echo wai\"\"ting; while :; do sleep 0.1; done'; echo left with"
            + " $?\n");
    attachment.awaitOutput("waiting");
    attachment.type("\u0003");
    attachment.awaitOutput("left with 9");
    attachment.detach();
    assertThat(attachment.status()).isEqualTo(Status.OK);
    Attachment again = new Attachment(DAEMON.channel());
    again.open(AttachOptions.newBuilder().setProcessId(id).setAsText(true).setTailBytes(0));
    assertThat(again.attached().getProcess().getTerminal())
        .isEqualTo(Terminal.newBuilder().setRows(40).setColumns(132).build());
    again.type("echo aga''in; exit 4\n");
    again.awaitOutput("again");
    assertThat(again.exited().getExit().getCode()).isEqualTo(4);
    assertThat(again.output()).doesNotContain("left with");
  }

  @Test
  void sizesOfNoTerminalAreRefused() {
    String id = onTerminal("sleep", "600");
    Attachment attachment = attach(id);
    attachment.resize(-1, 80);
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", attachment);
    Attachment wide = attach(id);
    wide.resize(24, 65_536);
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", wide);
    kill(id);
  }
}
