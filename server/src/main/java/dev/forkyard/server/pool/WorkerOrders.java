package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import java.util.function.Function;

/**
 * Lets one thread at a time decide what workers are told, and tell them, so that each is told in
 * the order in which it was decided. Its lock is taken before that of the pool.
 */
final class WorkerOrders {
  private final Function<Afterwards, Afterwards> deciding;
  private final Object telling = new Object();

  /** There is more to decide. */
  @GuardedBy("telling")
  private boolean again;

  /**
   * @param deciding answers what workers are to be told, and collects what is to be done after that
   */
  WorkerOrders(Function<Afterwards, Afterwards> deciding) {
    this.deciding = deciding;
  }

  /** Decides, tells workers, and does the rest. */
  void carryOut() {
    if (Thread.holdsLock(telling)) {
      synchronized (telling) {
        again = true; // a worker was told something, and that has changed something
      }
      return;
    }
    Afterwards after = new Afterwards();
    synchronized (telling) {
      do {
        again = false;
        deciding.apply(after).run();
      } while (again);
    }
    after.run();
  }
}
