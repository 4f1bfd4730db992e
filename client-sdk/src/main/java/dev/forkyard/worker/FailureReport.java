package dev.forkyard.worker;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a call has no result, as text.
 *
 * @param kind what went wrong
 * @param type class name of the error
 * @param message its message
 * @param stackText its stack trace with causes
 * @param causes its causes, nearest first
 */
record FailureReport(Kind kind, String type, String message, String stackText, List<Cause> causes) {
  private static final int MAX_MESSAGE = 16 * 1024;
  private static final int MAX_STACK = 256 * 1024;
  private static final int MAX_CAUSES = 32;
  private static final String RUNTIME = FailureReport.class.getPackageName() + ".";

  /** The kinds of FailureKind that a worker reports. */
  enum Kind {
    /** The function threw. */
    TASK_ERROR(1),
    /** The result could not be encoded. */
    ENCODE_ERROR(2),
    /** The function was not found or the arguments could not be decoded for it. */
    DECODE_ERROR(3),
    /** The call was given up. */
    CANCELLED(5);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /**
   * One error of a cause chain.
   *
   * @param type class name
   * @param message its message
   */
  record Cause(String type, String message) {}

  /** Describes an error; whatever its own methods throw, it comes out as text. */
  static FailureReport of(Kind kind, Throwable error) {
    String type = error.getClass().getName();
    try {
      List<Throwable> chain = causesOf(error);
      leaveOutRuntime(error);
      chain.forEach(FailureReport::leaveOutRuntime);
      List<Cause> causes = new ArrayList<>();
      for (Throwable cause : chain) {
        causes.add(new Cause(cause.getClass().getName(), message(cause)));
      }
      return new FailureReport(kind, type, message(error), stackText(error), causes);
    } catch (Throwable broken) { // an error whose own methods throw, or no memory
      return new FailureReport(kind, type, "", type + " (it cannot be printed)\n", List.of());
    }
  }

  /** Describes a call that was given up before it began. */
  static FailureReport notBegun() {
    return new FailureReport(
        Kind.CANCELLED, "", "The call was cancelled before it began.", "", List.of());
  }

  /** True if the memory was full, whoever has wrapped that. */
  static boolean isOutOfMemory(Throwable error) {
    try {
      Throwable cause = error;
      for (int i = 0; i < MAX_CAUSES && cause != null; i++, cause = cause.getCause()) {
        if (cause instanceof OutOfMemoryError) {
          return true;
        }
      }
      return false;
    } catch (Throwable broken) { // an error whose own methods throw
      return false;
    }
  }

  private static List<Throwable> causesOf(Throwable error) {
    List<Throwable> chain = new ArrayList<>();
    Throwable cause = error.getCause();
    while (cause != null && chain.size() < MAX_CAUSES && !chain.contains(cause)) {
      chain.add(cause);
      cause = cause.getCause();
    }
    return chain;
  }

  /** Cuts off the frames of the worker that are below the function. */
  private static void leaveOutRuntime(Throwable error) {
    StackTraceElement[] stack = error.getStackTrace();
    for (int i = 0; i < stack.length; i++) {
      if (stack[i].getClassName().startsWith(RUNTIME)) {
        error.setStackTrace(Arrays.copyOf(stack, i));
        return;
      }
    }
  }

  private static String message(Throwable error) {
    return cut(error.getMessage(), MAX_MESSAGE);
  }

  private static String stackText(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text, true));
    return cut(text.toString(), MAX_STACK);
  }

  private static String cut(@Nullable String text, int max) {
    if (text == null) {
      return "";
    }
    return text.length() <= max ? text : text.substring(0, max) + "...";
  }
}
