package dev.forkyard.examples.wordcount;

import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.PoolStats.WorkerState;
import dev.forkyard.client.ProcessPool;
import java.util.Comparator;
import java.util.Locale;

/** Shows how the job goes on, and kills a worker when a third of the results is there. */
final class Narrator implements Steps {
  private static final int SHARE_BEFORE_KILL = 3;

  private final Screen screen;
  private final int files;
  private volatile boolean killed;

  Narrator(Screen screen, int files) {
    this.screen = screen;
    this.files = files;
  }

  @Override
  public void resultPassedOn(int results, ProcessPool pool) {
    if (killed || results < files / SHARE_BEFORE_KILL) {
      return;
    }
    pool.stats().workers().stream()
        .filter(worker -> worker.state() != WorkerState.LOST)
        .max(Comparator.comparing(worker -> worker.state() == WorkerState.BUSY))
        .ifPresent(worker -> kill(worker, results));
  }

  @Override
  public void sumReceived(Totals totals, ManagedProcess collector) {
    screen.progress(
        totals.fileCount(),
        files,
        String.format(
            Locale.ROOT, "  %d of %d files, %,d words", totals.fileCount(), files, totals.words()));
  }

  /** Tells what became of the worker that was killed. */
  void tellOfTheKilled(ProcessPool pool) {
    PoolStats stats = pool.stats();
    screen.line(
        String.format(
            Locale.ROOT,
            "  workers lost: %d, calls done: %d, calls failed: %d",
            stats.workersLost(),
            stats.done(),
            stats.failed()));
  }

  private void kill(PoolStats.Worker worker, int results) {
    killed = ProcessHandle.of(worker.pid()).map(ProcessHandle::destroyForcibly).orElse(false);
    if (killed) {
      screen.line(
          String.format(
              Locale.ROOT,
              "  killed worker %s (pid %d, %s) with SIGKILL after %d results",
              worker.processId(),
              worker.pid(),
              worker.state().name().toLowerCase(Locale.ROOT),
              results));
    }
  }
}
