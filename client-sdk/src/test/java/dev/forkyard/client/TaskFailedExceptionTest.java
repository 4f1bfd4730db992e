package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskFailedExceptionTest {
  private static TaskFailedException thrown(String stack) {
    return Errors.taskFailed(
        Failure.newBuilder()
            .setKind(FailureKind.FAILURE_KIND_TASK_ERROR)
            .setType("java.lang.IllegalStateException")
            .setMessage("boom")
            .setStackText(stack)
            .setWorkerProcessId("proc-3")
            .build());
  }

  private static String printed(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static IllegalStateException error() {
    return new IllegalStateException("boom\nand more", inner());
  }

  private static Exception inner() {
    return new UnsupportedOperationException("inner");
  }

  @Test
  void printedStackTraceShowsOnceWhereTheFunctionFailedAndItsCauses() {
    IllegalStateException remote = error();
    TaskFailedException failure = thrown(printed(remote));
    assertThat(printed(failure))
        .containsOnlyOnce(
            "Caused by: dev.forkyard.client.RemoteStack: in process proc-3:"
                + " java.lang.IllegalStateException: boom\nand more\n\tat ")
        .containsOnlyOnce("RemoteStack: java.lang.UnsupportedOperationException: inner")
        .containsOnlyOnce("TaskFailedExceptionTest.error(TaskFailedExceptionTest.java:")
        .containsOnlyOnce("TaskFailedExceptionTest.inner(TaskFailedExceptionTest.java:");
    assertThat(frames(Objects.requireNonNull(failure.getCause()))).isEqualTo(frames(remote));
  }

  /** The frames of an error and of its causes. */
  private static String frames(Throwable error) {
    String own =
        Arrays.stream(error.getStackTrace())
            .map(
                frame -> frame.getClassName() + "." + frame.getMethodName() + frame.getLineNumber())
            .collect(Collectors.joining("\n"));
    Throwable cause = error.getCause();
    return cause == null ? own : own + "\ncause\n" + frames(cause);
  }

  @Test
  void stackTraceOfAnotherLanguageIsShownAsItIs() {
    String text =
        "Traceback (most recent call last):\n  File \"t.py\", line 3, in f\nValueError: no";
    assertThat(printed(thrown(text))).containsOnlyOnce("in process proc-3: " + text);
    assertThat(printed(thrown("E\n\tat nowhere"))).contains("in process proc-3: E\n\tat nowhere");
  }

  @Test
  void endlessChainOfCausesIsShownAsText() {
    String endless =
        "E: e\n\tat a.B.c(D.java:1)\n" + "Caused by: F\n\tat a.B.c(D.java)\n".repeat(99_999);
    assertThat(thrown(endless).getCause()).hasNoCause().hasMessageEndingWith("D.java)");
  }

  @Test
  void failureWithoutAStackTraceHasNoCause() {
    assertThat(thrown("")).hasNoCause().hasMessage("java.lang.IllegalStateException: boom");
  }

  @Test
  void messageOfALostWorkerEndsWithItsLastLinesOnStandardError() {
    String tail =
        IntStream.rangeClosed(1, 12).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));
    Failure lost =
        Failure.newBuilder()
            .setKind(FailureKind.FAILURE_KIND_WORKER_LOST)
            .setMessage("The worker proc-3 died while it ran the call: signal KILL.")
            .setWorkerProcessId("proc-3")
            .setWorkerExit("signal KILL")
            .build();
    assertThat(Errors.taskFailed(lost))
        .hasMessage("The worker proc-3 died while it ran the call: signal KILL.");
    assertThat(
            Errors.taskFailed(lost.toBuilder().setStderrTail(tail + "\n\n").build()).getMessage())
        .startsWith(
            """
            The worker proc-3 died while it ran the call: signal KILL.
            Its standard error ends with:
              line 3
              line 4
            """)
        .endsWith("\n  line 12");
  }
}
