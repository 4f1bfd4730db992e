package dev.forkyard.examples.wordcount;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.PoolStats.WorkerState;
import dev.forkyard.client.ProcessPool;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shows how the job goes on, and kills a worker in the middle of a call.
 *
 * <p>A call takes less than a millisecond, so the workers are first stopped with SIGSTOP. They can
 * end no call then; the first that has one is killed, and the others go on.
 */
final class Narrator implements Steps {
  private static final int SHARE_BEFORE_KILL = 3;

  private final Forkyard yard;
  private final Screen screen;
  private final int files;
  private List<PoolStats.Worker> stopped = List.of();
  private boolean killed;

  Narrator(Forkyard yard, Screen screen, int files) {
    this.yard = yard;
    this.screen = screen;
    this.files = files;
  }

  @Override
  public void resultPassedOn(int results, ProcessPool pool) {
    if (killed || results < files / SHARE_BEFORE_KILL) {
      return;
    }
    if (stopped.isEmpty()) {
      stopped =
          pool.stats().workers().stream()
              .filter(worker -> worker.state() != WorkerState.LOST)
              .toList();
      signal("STOP");
    }
    Optional<PoolStats.Worker> busy = firstBusy(pool);
    if (busy.isPresent() || results == files) {
      kill(busy.orElse(stopped.get(0)), results);
      signal("CONT");
    }
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

  /** Waits until a stopped worker has a call, or no call is left that one could get. */
  private Optional<PoolStats.Worker> firstBusy(ProcessPool pool) {
    Set<Integer> pids = stopped.stream().map(PoolStats.Worker::pid).collect(Collectors.toSet());
    PoolStats now;
    Optional<PoolStats.Worker> busy;
    do {
      now = pool.stats();
      busy =
          now.workers().stream()
              .filter(worker -> worker.state() == WorkerState.BUSY && pids.contains(worker.pid()))
              .findFirst();
    } while (busy.isEmpty() && now.queued() + now.assigned() > 0);
    return busy;
  }

  private void signal(String name) {
    stopped.forEach(worker -> yard.processes().get(worker.processId()).signal(name));
  }

  private void kill(PoolStats.Worker worker, int results) {
    killed = ProcessHandle.of(worker.pid()).map(ProcessHandle::destroyForcibly).orElse(false);
    if (killed) {
      screen.line(
          String.format(
              Locale.ROOT,
              "  killed worker %s (pid %d) with SIGKILL %s, after %d results",
              worker.processId(),
              worker.pid(),
              worker.state() == WorkerState.BUSY ? "in the middle of a call" : "at the end",
              results));
    }
  }
}
