package dev.forkyard.server.core;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls that wait, first come first served; the one blocking primitive of the daemon. No thread
 * waits with them.
 *
 * <p>A parked call leaves in exactly one of three ways: it is <em>claimed</em>, and whoever claimed
 * it answers it; its time is over; or it is cancelled. The last two run the action given to {@link
 * #park}, which answers it.
 *
 * <p>Thread-safe. Its lock is a leaf: entities call in while they hold their own, and give-up
 * actions run outside of every lock.
 */
public final class Waiters<C> {

  /** Why a call stopped waiting without being claimed. */
  public enum GaveUp {
    TIMED_OUT,
    CANCELLED
  }

  /** What a call does when it stops waiting without being claimed. */
  public interface GiveUpAction {
    void run(GaveUp how);
  }

  private final Scheduler scheduler;
  private final WaiterLimit limit;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashSet<Parked> parked = new LinkedHashSet<>();

  public Waiters(Scheduler scheduler, WaiterLimit limit) {
    this.scheduler = scheduler;
    this.limit = limit;
  }

  /** The wait of one call. */
  public interface Wait {
    /** Ends the wait, unless it is over. */
    void cancel();
  }

  private final class Parked implements Wait {
    private final C call;
    private final GiveUpAction giveUp;

    /** Guarded by the lock of the waiters. */
    private @Nullable Scheduled timer;

    private Parked(C call, GiveUpAction giveUp) {
      this.call = call;
      this.giveUp = giveUp;
    }

    @Override
    public void cancel() {
      giveUp(GaveUp.CANCELLED);
    }

    private void giveUp(GaveUp how) {
      if (leave()) {
        giveUp.run(how);
      }
    }

    private boolean leave() {
      synchronized (lock) {
        if (!parked.remove(this)) {
          return false;
        }
        stopTimer();
      }
      limit.left();
      return true;
    }

    private void stopTimer() {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  /**
   * Lets a call wait.
   *
   * @param timeout how long; null for ever
   * @throws Fault TOO_MANY_WAITERS when the daemon has no room for another
   */
  public Wait park(C call, @Nullable Duration timeout, GiveUpAction giveUp) {
    limit.enter();
    Parked entry = new Parked(call, giveUp);
    synchronized (lock) {
      parked.add(entry);
      if (timeout != null) {
        entry.timer = scheduler.schedule(timeout, () -> entry.giveUp(GaveUp.TIMED_OUT));
      }
    }
    return entry;
  }

  /**
   * Claims the call that has waited longest if it passes the test; null when there is none or it
   * does not.
   */
  public @Nullable C claimFirstIf(Predicate<C> test) {
    C call;
    synchronized (lock) {
      if (parked.isEmpty()) {
        return null;
      }
      Parked first = parked.iterator().next();
      if (!test.test(first.call)) {
        return null;
      }
      first.stopTimer();
      parked.remove(first);
      call = first.call;
    }
    limit.left();
    return call;
  }

  /** Claims every call that passes the test, in order. */
  public List<C> claimAllIf(Predicate<C> test) {
    List<C> claimed = new ArrayList<>();
    synchronized (lock) {
      parked.removeIf(
          entry -> {
            if (!test.test(entry.call)) {
              return false;
            }
            entry.stopTimer();
            claimed.add(entry.call);
            return true;
          });
    }
    claimed.forEach(call -> limit.left());
    return claimed;
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  public int size() {
    synchronized (lock) {
      return parked.size();
    }
  }
}
