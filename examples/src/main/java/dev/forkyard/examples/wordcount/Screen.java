package dev.forkyard.examples.wordcount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;

/**
 * Lines of text, and below them one line of progress: rewritten in place on a terminal, otherwise a
 * line like the others when it has changed. Thread-safe.
 */
final class Screen {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean isTerminal;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private String shown = "";

  @GuardedBy("lock")
  private String printed = "";

  Screen(PrintStream out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /** Prints a line above the progress. */
  void line(String text) {
    synchronized (lock) {
      if (shown.isEmpty()) {
        out.println(text);
      } else {
        out.print(ERASE_LINE + text + System.lineSeparator() + shown);
      }
      out.flush();
    }
  }

  /** Shows how far things are. */
  void progress(String text) {
    synchronized (lock) {
      if (isTerminal) {
        shown = text;
        out.print(ERASE_LINE + text);
      } else if (!text.equals(printed)) {
        printed = text;
        out.println(text);
      }
      out.flush();
    }
  }

  /** Leaves the progress as it is; what follows goes below it. */
  void endProgress() {
    synchronized (lock) {
      if (!shown.isEmpty()) {
        out.println();
        shown = "";
      }
    }
  }
}
