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

  /** What is to be done when the lock is let go. */
  @GuardedBy("telling")
  private Afterwards afterTelling = new Afterwards();

  /**
   * @param deciding answers what workers are to be told, and collects what is to be done after that
   */
  WorkerOrders(Function<Afterwards, Afterwards> deciding) {
    this.deciding = deciding;
  }

  /** Decides, tells workers, and does the rest. */
  void carryOut() {
    carryOut(new Afterwards());
  }

  /**
   * Does what follows from a change, then decides, tells workers, and does the rest.
   *
   * @param changed is done later, without the lock, when the change comes from a worker that is
   *     being told something
   */
  void carryOut(Afterwards changed) {
    if (Thread.holdsLock(telling)) {
      synchronized (telling) {
        again = true;
        afterTelling.add(changed::run);
      }
      return;
    }
    changed.run();
    tellWorkers().run();
  }

  private Afterwards tellWorkers() {
    synchronized (telling) {
      Afterwards after = new Afterwards();
      afterTelling = after;
      do {
        again = false;
        deciding.apply(after).run();
      } while (again);
      return after;
    }
  }
}
