package dev.forkyard.client;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress as a bar that a library draws; the library may be missing where this is not used. */
final class DrawnBar implements ProgressView {
  private static final int TERMINAL_COLUMNS = 79;
  private static final int LINE_COLUMNS = 100;
  private static final int DRAW_MILLIS = 250;

  private static final String FULL = "100%";

  private final ProgressBar bar;

  private DrawnBar(String task, long calls, ProgressBarConsumer screen) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(calls)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(DRAW_MILLIS)
            .setConsumer(screen)
            .build();
  }

  /** Draws on standard error, again and again on one line. */
  static DrawnBar onTerminal(String task, long calls) {
    return new DrawnBar(task, calls, new ConsoleProgressBarConsumer(System.err, TERMINAL_COLUMNS));
  }

  /** Gives the bar to somebody, a full one once. */
  static DrawnBar to(Consumer<String> screen, String task, long calls) {
    return new DrawnBar(
        task, calls, new DelegatingProgressBarConsumer(fullOnce(screen), LINE_COLUMNS));
  }

  /** The library draws a full bar when it is full, and again when it is closed. */
  static Consumer<String> fullOnce(Consumer<String> screen) {
    AtomicBoolean wasFull = new AtomicBoolean();
    return line -> {
      boolean isFull = line.contains(FULL);
      if (!wasFull.getAndSet(isFull) || !isFull) {
        screen.accept(line);
      }
    };
  }

  @Override
  public void show(long ended, String note) {
    bar.setExtraMessage(note);
    bar.stepTo(ended);
  }

  @Override
  public void close() {
    bar.close();
  }
}
