package dev.forkyard.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.FailureKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a worker makes of Cancel. */
@Timeout(120)
class CancelTest {
  private final Path temp;
  private FakeDaemon daemon;

  @SuppressWarnings("NullAway.Init")
  CancelTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @BeforeEach
  void startWorker() throws IOException {
    daemon = new FakeDaemon(temp, System.getProperty("java.home"), Map.of());
    assertThat(daemon.next().hasHello()).isTrue();
  }

  @AfterEach
  void endWorker() throws IOException {
    daemon.close();
  }

  @Test
  void cancelledCallsThatHaveNotBegunAreAnsweredInTheirOrderAndNotRun() throws Exception {
    assign(1, "await", 4, "[[0],[1],[2],[3]]");
    awaitRunning(1, 0);

    daemon.cancel(1, 2, true);
    daemon.cancel(1, 0, true);

    assertCancelled(1, 0, "java.lang.InterruptedException");
    awaitRunning(1, 1);
    daemon.cancel(1, 1, true);
    assertCancelled(1, 1, "java.lang.InterruptedException");
    CallFailure notBegun = assertCancelled(1, 2, "");
    assertThat(notBegun.getFailure().getMessage())
        .isEqualTo("The call was cancelled before it began.");
    awaitRunning(1, 3);
  }

  @Test
  void cancelOfAnAssignmentMeansEveryCallOfIt() throws Exception {
    assign(1, "await", 3, "[[0],[1],[2]]");
    assign(2, "await", 2, "[[0],[1]]");
    assign(3, "interrupted", 1, "[[0]]");
    awaitRunning(1, 0);

    daemon.cancel(2, null, true);
    daemon.cancel(1, null, true);

    assertCancelled(1, 0, "java.lang.InterruptedException");
    assertCancelled(1, 1, "");
    assertCancelled(1, 2, "");
    assertCancelled(2, 0, "");
    assertCancelled(2, 1, "");
    assertThat(daemon.results(3, 1)).isEqualTo(Map.of(0, "false"));
  }

  @Test
  void cancelThatSparesTheRunningCallLeavesItAlone() throws Exception {
    assign(1, "awaitLine", 2, "[[0],[1]]");
    awaitRunning(1, 0);

    daemon.cancel(1, null, false);
    assign(2, "interrupted", 1, "[[0]]");
    tellLine();

    assertThat(daemon.results(1, 1)).isEqualTo(Map.of(0, "false"));
    assertCancelled(1, 1, "");
    assertThat(daemon.results(2, 1)).isEqualTo(Map.of(0, "false"));
  }

  @Test
  void cancelledCallThatReturnsIsAResultAndTheInterruptDoesNotReachTheNextCall() throws Exception {
    assign(1, "returnWhenCancelled", 3, "[[0],[1],[2]]");
    assign(2, "interrupted", 2, "[[0],[1]]");

    for (int i = 0; i < 3; i++) {
      awaitRunning(1, i);
      daemon.cancel(1, i, true);
    }

    assertThat(daemon.results(1, 3)).isEqualTo(Map.of(0, "true", 1, "true", 2, "true"));
    assertThat(daemon.results(2, 2)).isEqualTo(Map.of(0, "false", 1, "false"));
  }

  @Test
  void callThatThrowsAnythingAfterItsCancelCountsAsCancelled() throws Exception {
    assign(1, "throwWhenCancelled", 1, "[[0]]");
    awaitRunning(1, 0);

    daemon.cancel(1, null, true);

    CallFailure failure = assertCancelled(1, 0, "java.lang.IllegalStateException");
    assertThat(failure.getFailure().getMessage()).isEqualTo("gave up");
  }

  @Test
  void cancelOfWhatIsAnsweredOrUnknownIsIgnored() throws Exception {
    assign(1, "interrupted", 1, "[[0]]");
    assertThat(daemon.results(1, 1)).isEqualTo(Map.of(0, "false"));

    daemon.cancel(1, null, true);
    daemon.cancel(17, 4, true);
    assign(2, "interrupted", 2, "[[0],[1]]");

    assertThat(daemon.results(2, 2)).isEqualTo(Map.of(0, "false", 1, "false"));
  }

  @Test
  void cancelledCallsOfAFunctionThatDoesNotExistAreCancelled() throws Exception {
    assign(1, "await", 1, "[[0]]");
    assign(2, "noSuchFunction", 2, "[[0],[1]]");
    awaitRunning(1, 0);

    daemon.cancel(2, 0, true);
    daemon.cancel(1, 0, true);

    assertCancelled(1, 0, "java.lang.InterruptedException");
    assertCancelled(2, 0, "");
    assertThat(daemon.failure().getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_DECODE_ERROR);
  }

  @Test
  void interruptsAtAnyMomentNeitherReachAnotherCallNorBreakTheConnection() throws Exception {
    int rounds = 20_000;
    for (int i = 1; i <= rounds; i++) {
      assign(i, "interrupted", 1, "[[0]]");
      daemon.cancel(i, null, true);
      if (i % 32 == 0) {
        for (int answered = i - 31; answered <= i; answered++) {
          assertAnswered(answered);
        }
      }
    }
    assign(rounds + 1, "interrupted", 1, "[[0]]");
    assertThat(daemon.results(rounds + 1, 1)).isEqualTo(Map.of(0, "false"));
  }

  @Test
  void threadThatACallLeftBehindInterruptsNoOtherCall() throws Exception {
    assign(1, "interruptLaterWhenIdle", 1, "[[0]]");
    assertThat(daemon.results(1, 1)).isEqualTo(Map.of(0, "false"));

    awaitLine("interrupted");
    assign(2, "interrupted", 2, "[[0],[1]]");

    assertThat(daemon.results(2, 2)).isEqualTo(Map.of(0, "false", 1, "false"));
  }

  @Test
  void contextOutsideOfACallIsNeverCancelled() {
    assertThat(TaskContext.current().isCancelled()).isFalse();
  }

  /** A result, or a failure because it was cancelled; but never a result of an interrupted call. */
  private void assertAnswered(int number) throws IOException {
    var frame = daemon.next();
    if (frame.hasFailure()) {
      assertThat(frame.getFailure().getNumber()).isEqualTo(number);
      assertThat(frame.getFailure().getFailure().getKind())
          .isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    } else {
      assertThat(frame.getResults().getNumber()).isEqualTo(number);
    }
  }

  private void assign(int number, String method, int count, String arguments) throws IOException {
    String name = CancelTest.class.getName() + "::" + method;
    daemon.assignFunction(number, name, "", 0, count, arguments);
  }

  /** Waits until the journal says so: the call has begun. */
  private void awaitRunning(int number, int index) throws IOException {
    while (daemon.journal().getLong(0) != ((long) number << 32 | index)) {
      Thread.onSpinWait();
    }
  }

  private void awaitLine(String line) throws IOException {
    while (!daemon.standardOutput().contains(line + "\n")) {
      Thread.onSpinWait();
    }
  }

  private void tellLine() throws IOException {
    daemon.worker.getOutputStream().write('\n');
    daemon.worker.getOutputStream().flush();
  }

  private CallFailure assertCancelled(int number, int index, String type) throws IOException {
    CallFailure failure = daemon.failure();
    assertThat(failure.getNumber()).isEqualTo(number);
    assertThat(failure.getIndex()).isEqualTo(index);
    assertThat(failure.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertThat(failure.getFailure().getType()).isEqualTo(type);
    return failure;
  }

  // run in the worker

  static void await(int n) throws InterruptedException {
    new CountDownLatch(1 + n).await();
  }

  static boolean awaitLine(int n) throws IOException {
    int read = System.in.read();
    return TaskContext.current().isCancelled() || read < 0;
  }

  static boolean returnWhenCancelled(int n) {
    TaskContext context = TaskContext.current();
    while (!context.isCancelled()) {
      LockSupport.park();
    }
    return TaskContext.current().isCancelled();
  }

  static boolean throwWhenCancelled(int n) {
    while (!TaskContext.current().isCancelled()) {
      LockSupport.park();
    }
    throw new IllegalStateException("gave up");
  }

  static boolean interrupted(int n) {
    return Thread.currentThread().isInterrupted();
  }

  static boolean interruptLaterWhenIdle(int n) {
    Thread caller = Thread.currentThread();
    new Thread(
            () -> {
              while (caller.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              caller.interrupt();
              while (caller.isInterrupted()) {
                Thread.onSpinWait();
              }
              System.out.println("interrupted");
            })
        .start();
    return false;
  }
}
