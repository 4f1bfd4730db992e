package dev.forkyard.server.core;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The latest events, numbered by revisions that only grow. Bounded in number and in weight; the
 * oldest are forgotten first. Whoever watches is a {@link Cursor} into it and costs no buffer.
 *
 * <p>Thread-safe. Its lock is a leaf: entities publish while they hold their own, so that the order
 * of the events of one entity is that of its changes.
 */
public final class EventLog<E> {
  private final long mostWeight;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final @Nullable Entry<E>[] ring;

  @GuardedBy("lock")
  private final Set<Cursor> sleeping = new HashSet<>();

  /** Revision of the oldest event that is remembered, or the next one. */
  @GuardedBy("lock")
  private long oldest;

  @GuardedBy("lock")
  private long newest;

  @GuardedBy("lock")
  private long weight;

  private record Entry<E>(E event, long weight) {}

  /**
   * @param origin revision before the first event
   * @param most most events remembered
   * @param mostWeight most weight of the events remembered
   */
  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no generic arrays
  public EventLog(long origin, int most, long mostWeight) {
    this.ring = (@Nullable Entry<E>[]) new Entry[most];
    this.mostWeight = mostWeight;
    this.newest = origin;
    this.oldest = origin + 1;
  }

  /**
   * Adds an event; answers its revision.
   *
   * @param event makes the event of its revision; runs under the lock and must only build it
   * @param eventWeight its part of the weight that is bounded
   * @param afterwards wakes those who watch
   */
  public long publish(LongFunction<E> event, long eventWeight, Afterwards afterwards) {
    synchronized (lock) {
      newest++;
      if (newest - oldest == ring.length) {
        forgetOldest();
      }
      ring[slot(newest)] = new Entry<>(event.apply(newest), eventWeight);
      weight += eventWeight;
      while (weight > mostWeight && oldest < newest) {
        forgetOldest();
      }
      sleeping.forEach(cursor -> afterwards.add(cursor.wake));
      sleeping.clear();
      return newest;
    }
  }

  @GuardedBy("lock")
  private void forgetOldest() {
    Entry<E> gone = ring[slot(oldest)];
    ring[slot(oldest)] = null;
    weight -= gone == null ? 0 : gone.weight();
    oldest++;
  }

  @GuardedBy("lock")
  private int slot(long revision) {
    return (int) Math.floorMod(revision, (long) ring.length);
  }

  /** Revision of the latest event. */
  public long revision() {
    synchronized (lock) {
      return newest;
    }
  }

  /** True when every event after this revision is remembered. */
  public boolean remembersAfter(long revision) {
    synchronized (lock) {
      return revision >= oldest - 1 && revision <= newest;
    }
  }

  /**
   * A reader of the events after a revision.
   *
   * @param wake told once that there is something new after {@link Cursor#next} has answered null;
   *     runs on the thread of whoever published, outside of every lock, and must not block
   */
  public Cursor after(long revision, Runnable wake) {
    return new Cursor(revision, wake);
  }

  /** A place in the log. For one thread at a time, but {@link #close}. */
  public final class Cursor {
    private final Runnable wake;
    private long revision;

    private Cursor(long revision, Runnable wake) {
      this.revision = revision;
      this.wake = wake;
    }

    /** Revision of the last event answered, or that at which it began. */
    public long revision() {
      return revision;
    }

    /**
     * The next event; null when there is none yet.
     *
     * @throws Fault WATCH_TOO_SLOW when it was forgotten before
     */
    public @Nullable E next() {
      synchronized (lock) {
        if (revision == newest) {
          sleeping.add(this);
          return null;
        }
        Entry<E> entry = revision + 1 < oldest ? null : ring[slot(revision + 1)];
        if (entry == null) {
          throw tooSlow(ring.length);
        }
        revision++;
        return entry.event();
      }
    }

    /** Wakes no more. */
    public void close() {
      synchronized (lock) {
        sleeping.remove(this);
      }
    }
  }

  private static Fault tooSlow(int most) {
    return new Fault(
            Reason.WATCH_TOO_SLOW,
            "The client reads so slowly that changes were forgotten before they could be sent; the"
                + " daemon remembers the last "
                + most
                + ". Watch again without a revision to begin with a list.")
        .with("limit", most);
  }
}
