package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which submitted tasks that have ended are remembered, of all pools: bounded in bytes and in time;
 * the oldest go first. Thread-safe; its lock is a leaf.
 */
public final class TaskRetention {
  private final Limits limits;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashMap<SubmittedTask, Kept> ended = new LinkedHashMap<>();

  @GuardedBy("lock")
  private long bytes;

  /** For the oldest one only. */
  @GuardedBy("lock")
  private @Nullable Scheduled timer;

  /**
   * What is remembered at most.
   *
   * @param tasksOfAPool that have ended
   */
  public record Limits(int tasksOfAPool, long bytes, Duration time) {
    public static final Limits DEFAULT = new Limits(10_000, 64L << 20, Duration.ofMinutes(10));
  }

  private record Kept(Runnable forget, long bytes, Instant until) {}

  public TaskRetention(Limits limits, Clock clock, Scheduler scheduler) {
    this.limits = limits;
    this.clock = clock;
    this.scheduler = scheduler;
  }

  Limits limits() {
    return limits;
  }

  Clock clock() {
    return clock;
  }

  /**
   * Remembers a task; {@link #trim} is to be called afterwards.
   *
   * @param forget called by {@link #trim} when it is remembered no more, unless it was removed
   */
  void add(SubmittedTask task, long itsBytes, Runnable forget) {
    synchronized (lock) {
      Instant until = clock.instant().plus(limits.time());
      ended.put(task, new Kept(forget, itsBytes, until));
      bytes += itsBytes;
    }
  }

  /** Does not have to remember it any more. */
  void remove(SubmittedTask task) {
    synchronized (lock) {
      Kept kept = ended.remove(task);
      bytes -= kept == null ? 0 : kept.bytes();
    }
  }

  /** Forgets what is too much or too old. Called outside of every lock. */
  void trim() {
    List<Runnable> gone = new ArrayList<>();
    synchronized (lock) {
      Map.Entry<SubmittedTask, Kept> oldest;
      while ((oldest = oldest()) != null && isOver(oldest.getValue())) {
        gone.add(oldest.getValue().forget());
        remove(oldest.getKey());
      }
      if (oldest != null && timer == null) {
        Duration rest = Duration.between(clock.instant(), oldest.getValue().until());
        timer = scheduler.schedule(rest, this::timeIsOver);
      }
    }
    gone.forEach(Runnable::run);
  }

  @GuardedBy("lock")
  private Map.@Nullable Entry<SubmittedTask, Kept> oldest() {
    return ended.isEmpty() ? null : ended.entrySet().iterator().next();
  }

  @GuardedBy("lock")
  private boolean isOver(Kept oldest) {
    return bytes > limits.bytes() || !oldest.until().isAfter(clock.instant());
  }

  private void timeIsOver() {
    synchronized (lock) {
      timer = null;
    }
    trim();
  }
}
