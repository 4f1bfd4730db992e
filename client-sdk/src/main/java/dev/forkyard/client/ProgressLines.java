package dev.forkyard.client;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress as lines of text: the first state, the last one, and few between. */
final class ProgressLines implements ProgressView {
  private final String task;
  private final long calls;
  private final Consumer<String> out;
  private final long intervalNanos;
  private final LongSupplier clock;

  private String latest = "";
  private String printed = "";
  private long printedAt;

  /**
   * Prints nothing yet.
   *
   * @param interval least time between two lines but for the last
   * @param clock tells nanoseconds
   */
  ProgressLines(
      String task, long calls, Consumer<String> out, Duration interval, LongSupplier clock) {
    this.task = task;
    this.calls = calls;
    this.out = out;
    this.intervalNanos = interval.toNanos();
    this.clock = clock;
  }

  @Override
  public void show(long ended, String note) {
    latest = task + " " + ended + "/" + calls + ", " + note;
    if (printed.isEmpty() || clock.getAsLong() - printedAt >= intervalNanos) {
      print();
    }
  }

  @Override
  public void close() {
    print();
  }

  private void print() {
    if (!latest.equals(printed)) {
      out.accept(latest);
      printed = latest;
      printedAt = clock.getAsLong();
    }
  }
}
