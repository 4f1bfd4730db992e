package dev.forkyard.examples.wordcount;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.PoolStats.WorkerState;
import dev.forkyard.client.ProcessPool;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Kills a worker in the middle of a call, and tells of it.
 *
 * <p>A call takes about a millisecond, so a worker is first stopped with SIGSTOP: it can end no
 * call then. A pool gives its next chunk to the worker that has least, so this one soon has a call,
 * and is killed when the next result comes.
 */
final class Narrator implements Steps {
  private static final int SHARE_BEFORE_KILL = 3;

  private final Forkyard yard;
  private final Screen screen;
  private final int files;
  private Optional<ManagedProcess> stopped = Optional.empty();
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
      stopped = workers(pool, Set.of(WorkerState.IDLE, WorkerState.BUSY)).findFirst();
      stopped.ifPresent(worker -> worker.signal("STOP"));
    }
    stopped.ifPresent(worker -> killIfBusy(worker, results, pool));
  }

  /** Tells what became of the worker that was killed. */
  void tellOfTheKilled(ProcessPool pool) {
    if (!killed) {
      screen.line("  no worker was killed: the job was over too soon; try a larger folder");
    }
    PoolStats stats = pool.stats();
    screen.line(
        String.format(
            Locale.ROOT,
            "  workers lost: %d, calls done: %d, calls failed: %d",
            stats.workersLost(),
            stats.done(),
            stats.failed()));
  }

  private void killIfBusy(ManagedProcess worker, int results, ProcessPool pool) {
    if (workers(pool, Set.of(WorkerState.BUSY)).anyMatch(busy -> busy.pid() == worker.pid())) {
      worker.kill();
      killed = true;
      screen.line(
          String.format(
              Locale.ROOT,
              "  killed worker %s (pid %d) with SIGKILL in the middle of a call, after %d results",
              worker.id(),
              worker.pid(),
              results));
    } else if (results == files) {
      worker.signal("CONT");
    }
  }

  private Stream<ManagedProcess> workers(ProcessPool pool, Set<WorkerState> states) {
    return pool.stats().workers().stream()
        .filter(worker -> states.contains(worker.state()))
        .map(worker -> yard.processes().get(worker.processId()));
  }
}
