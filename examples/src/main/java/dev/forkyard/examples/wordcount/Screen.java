package dev.forkyard.examples.wordcount;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;

/**
 * Lines of text, and below them one line of progress: rewritten in place on a terminal, otherwise
 * printed now and then. Thread-safe.
 */
final class Screen {
  private static final int QUARTERS = 4;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean isTerminal;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private String shown = "";

  @GuardedBy("lock")
  private int quarter;

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
  void progress(int done, int all, String text) {
    synchronized (lock) {
      if (isTerminal) {
        shown = text;
        out.print(ERASE_LINE + text);
        out.flush();
        return;
      }
      int now = QUARTERS * done / Math.max(1, all);
      if (now > quarter) {
        quarter = now;
        out.println(text);
      }
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
