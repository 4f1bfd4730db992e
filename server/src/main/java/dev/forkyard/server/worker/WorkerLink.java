package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import org.jspecify.annotations.Nullable;

/** The connection to a worker. Methods may be called on every thread, and none waits. */
public interface WorkerLink {
  /** Every call of an assignment. */
  int EVERY_CALL = -1;

  void assign(Assignment assignment);

  /**
   * Tells the worker that somebody gave up calls; each of them is still answered.
   *
   * @param number of the assignment
   * @param index the only call that is meant, or {@link #EVERY_CALL}
   * @param running true asks a call that runs to end, too
   */
  void cancel(int number, int index, boolean running);

  /** Tells the worker to finish what it has and exit. */
  void drain();

  void close();

  /**
   * The call that runs, as far as can be told from here; null for none, and for workers with a
   * journal, which tells it.
   */
  default @Nullable RunningCall running() {
    return null;
  }
}
