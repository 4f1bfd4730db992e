package dev.forkyard.server.core;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The {@link Scheduler} of a running daemon: one thread. */
public final class TimerThread implements Scheduler, AutoCloseable {
  private static final Logger log = Logger.getLogger(TimerThread.class.getName());

  private final ScheduledThreadPoolExecutor executor;

  public TimerThread() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "forkyard-timer");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Scheduled schedule(Duration delay, Runnable action) {
    if (executor.isShutdown()) {
      return () -> {};
    }
    var future = executor.schedule(() -> run(action), nanos(delay), TimeUnit.NANOSECONDS);
    return () -> future.cancel(false);
  }

  private static long nanos(Duration delay) {
    try {
      return delay.toNanos();
    } catch (ArithmeticException tooLong) {
      return Long.MAX_VALUE / 2;
    }
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error bug) {
      log.log(Level.SEVERE, "a timer action failed", bug);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
