package dev.forkyard.client;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bar that grows with the calls of a pool that end while it is shown, and tells how many of them
 * failed, how many ended per second, how many workers run one now, and how many wait for a worker.
 * Calls that their caller has not made yet, as in a lazy map whose results are taken slowly, are in
 * none of these. Made by {@link ProcessPool#progressBar(String, long)}; it has a thread of its own
 * until it is closed.
 */
public final class PoolProgressBar implements AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(5);
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final ProcessPool pool;
  private final ProgressNote note;
  private final PoolWatch watch;
  private final ProgressView view;
  private final Thread follower;

  private PoolProgressBar(ProcessPool pool, ProgressNote note, PoolWatch watch, ProgressView view) {
    this.pool = pool;
    this.note = note;
    this.watch = watch;
    this.view = view;
    this.follower = new Thread(this::follow, "forkyard-progress");
    follower.setDaemon(true);
  }

  static PoolProgressBar show(
      ProcessPool pool, String task, long calls, @Nullable Consumer<String> screen) {
    if (!isPresent("me.tongfei.progressbar.ProgressBar")) {
      throw Errors.of(
          ForkyardException.Code.FAILED_PRECONDITION,
          "PROGRESS_BAR_MISSING",
          "the progress bar is drawn by me.tongfei:progressbar, which is not on the class path; add"
              + " it to the dependencies, or follow ProcessPool.watch() yourself");
    }
    ProgressNote note = new ProgressNote(pool.stats(), System::nanoTime);
    PoolWatch watch = pool.watch(WATCH_INTERVAL);
    PoolProgressBar shown = new PoolProgressBar(pool, note, watch, view(task, calls, screen));
    shown.follower.start();
    return shown;
  }

  private static ProgressView view(String task, long calls, @Nullable Consumer<String> screen) {
    boolean canDraw = isPresent("org.jline.utils.WCWidth"); // the library draws nothing without it
    if (canDraw && screen != null) {
      return DrawnBar.to(screen, task, calls);
    }
    if (canDraw && isErrorOnTerminal()) {
      return DrawnBar.onTerminal(task, calls);
    }
    Consumer<String> lines = screen != null ? screen : System.err::println;
    return new ProgressLines(task, calls, lines, LINE_INTERVAL, System::nanoTime);
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
    view.close();
  }

  private void follow() {
    try {
      PoolStats state = watch.next();
      while (true) {
        draw(state);
        state = watch.next(LONGEST_WAIT).orElse(state);
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
      // it stays as it is
    }
  }

  private void draw(PoolStats stats) {
    view.show(note.ended(stats), note.of(stats));
  }

  private static boolean isPresent(String className) {
    try {
      Class<?> unused = Class.forName(className, false, PoolProgressBar.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Whether a line on standard error can be drawn again. */
  private static boolean isErrorOnTerminal() {
    String kind = System.getenv("TERM");
    if (kind == null || kind.equals("dumb")) {
      return false;
    }
    try {
      String error = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return error.startsWith("/dev/pts/") || error.startsWith("/dev/tty");
    } catch (IOException e) {
      return isConsoleTerminal(); // this is no Linux
    }
  }

  /** Since 22 there is a console also where it is no terminal, and a method that tells. */
  @SuppressWarnings("SystemConsoleNull") // that is what this is about
  private static boolean isConsoleTerminal() {
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
