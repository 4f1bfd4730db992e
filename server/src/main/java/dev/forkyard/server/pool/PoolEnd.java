package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of a pool, which is that of its last worker: who waits for it, and what lets the pool be
 * forgotten some time later. Thread-safe; its lock is a leaf.
 */
final class PoolEnd {
  private final String poolId;
  private final Supplier<PoolSnapshot> pool;
  private final Scheduler scheduler;
  private final Waiters<Reply<WaitAnswer>> waiters;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Set<Runnable> listeners = new LinkedHashSet<>();

  @GuardedBy("lock")
  private boolean over;

  @GuardedBy("lock")
  private @Nullable Scheduled forgetting;

  @GuardedBy("lock")
  private boolean forgotten;

  /**
   * @param pool the pool as it is now; asked outside of the lock
   */
  PoolEnd(String poolId, Supplier<PoolSnapshot> pool, Scheduler scheduler, WaiterLimit limit) {
    this.poolId = poolId;
    this.pool = pool;
    this.scheduler = scheduler;
    this.waiters = new Waiters<>(scheduler, limit);
  }

  /** The pool has ended and its workers have, too; who waits is told afterwards. */
  void comes(Afterwards after) {
    synchronized (lock) {
      over = true;
      listeners.forEach(after::add);
      listeners.clear();
      for (Reply<WaitAnswer> reply : waiters.claimAllIf(any -> true)) {
        after.add(() -> reply.answer(new WaitAnswer(pool.get(), false)));
      }
    }
  }

  /** True when it has come. */
  boolean isOver() {
    synchronized (lock) {
      return over;
    }
  }

  /** Runs an action when it comes; at once when it has. */
  void listen(Runnable listener) {
    synchronized (lock) {
      if (!over) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  void forget(Runnable listener) {
    synchronized (lock) {
      listeners.remove(listener);
    }
  }

  /**
   * Answers when it has come, or the time is over.
   *
   * @throws dev.forkyard.server.core.Fault TOO_MANY_WAITERS
   */
  void await(@Nullable Duration timeout, Reply<WaitAnswer> reply) {
    Wait wait = null;
    boolean timedOut;
    synchronized (lock) {
      timedOut = !over;
      if (!over && !Timeouts.isZero(timeout)) {
        wait = waiters.park(reply, timeout, how -> gaveUp(reply, how));
      }
    }
    if (wait == null) {
      reply.answer(new WaitAnswer(pool.get(), timedOut));
    } else {
      reply.whenGone(wait::cancel);
    }
  }

  private void gaveUp(Reply<WaitAnswer> reply, GaveUp how) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(new WaitAnswer(pool.get(), true));
    } else {
      reply.refuse(PoolFaults.waitCancelled(poolId));
    }
  }

  /** Lets the pool be forgotten some time from now, unless that happens before. */
  void forgetPoolLater(Duration delay, Runnable action) {
    synchronized (lock) {
      if (!forgotten) {
        forgetting = scheduler.schedule(delay, action);
      }
    }
  }

  /** The pool was forgotten. */
  void poolIsForgotten() {
    synchronized (lock) {
      forgotten = true;
      if (forgetting != null) {
        forgetting.cancel();
      }
    }
  }
}
