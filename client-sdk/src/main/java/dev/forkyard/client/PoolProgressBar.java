package dev.forkyard.client;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A bar that grows with the calls of a pool that end while it is shown. Made by {@link
 * ProcessPool#progressBar(String, long)}; it has a thread of its own until it is closed.
 */
public final class PoolProgressBar implements AutoCloseable {
  private static final int WIDTH = 100;
  private static final int DRAW_MILLIS = 250;
  private static final int LINE_MILLIS = 5_000;
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);

  private final ProcessPool pool;
  private final PoolWatch watch;
  private final long endedBefore;
  private final ProgressBar bar;
  private final Thread follower;

  private PoolProgressBar(
      ProcessPool pool, String task, long calls, ProgressBarConsumer screen, int drawMillis) {
    this.pool = pool;
    this.endedBefore = ended(pool.stats());
    this.watch = pool.watch(WATCH_INTERVAL);
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(calls)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(drawMillis)
            .setConsumer(screen)
            .build();
    this.follower = new Thread(this::follow, "forkyard-progress");
    follower.setDaemon(true);
  }

  static PoolProgressBar show(
      ProcessPool pool, String task, long calls, @Nullable Consumer<String> screen) {
    PoolProgressBar shown;
    try {
      boolean inPlace = screen == null && isTerminal();
      shown =
          new PoolProgressBar(
              pool,
              task,
              calls,
              inPlace
                  ? new ConsoleProgressBarConsumer(System.err, WIDTH)
                  : new DelegatingProgressBarConsumer(
                      screen == null ? PoolProgressBar::printLine : screen, WIDTH),
              screen == null && !inPlace ? LINE_MILLIS : DRAW_MILLIS);
    } catch (NoClassDefFoundError e) {
      throw Errors.of(
          ForkyardException.Code.FAILED_PRECONDITION,
          "PROGRESS_BAR_MISSING",
          "the progress bar is drawn by me.tongfei:progressbar, which is not on the class path; add"
              + " it to the dependencies, or follow ProcessPool.watch() yourself");
    }
    shown.follower.start();
    return shown;
  }

  /** Draws the bar as it is now for the last time. Closing again does nothing. */
  @Override
  public void close() {
    watch.close();
    try {
      follower.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    bar.close();
  }

  private void follow() {
    try {
      while (true) {
        draw(watch.next());
      }
    } catch (NoSuchElementException | ForkyardException e) {
      drawLast();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does that; the bar stays as it is
    }
  }

  /** What the watch has not told; nothing if the pool is forgotten or the connection is broken. */
  private void drawLast() {
    try {
      draw(pool.stats());
    } catch (ForkyardException e) {
      bar.setExtraMessage(" (" + e.getMessage() + ")");
    }
  }

  private void draw(PoolStats stats) {
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            " %d running, %d queued, %d failed",
            stats.assigned(),
            stats.queued(),
            stats.failed()));
    bar.stepTo(ended(stats) - endedBefore);
  }

  private static long ended(PoolStats stats) {
    return stats.done() + stats.failed();
  }

  private static void printLine(String line) {
    PrintStream out = System.err;
    out.println(line.stripTrailing());
  }

  /** Since 22 there is a console also where it is no terminal, and a method that tells. */
  @SuppressWarnings("SystemConsoleNull") // that is what this is about
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
