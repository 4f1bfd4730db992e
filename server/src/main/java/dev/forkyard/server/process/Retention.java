package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which processes that have ended are remembered: bounded in number, in bytes of commands and
 * results, and in time; the oldest go first. Thread-safe; its lock is a leaf.
 */
final class Retention {
  private final Limits limits;
  private final Clock clock;
  private final Scheduler scheduler;
  private final BiConsumer<OwnedProcess, Run> forget;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashMap<OwnedProcess, Kept> ended = new LinkedHashMap<>();

  @GuardedBy("lock")
  private long bytes;

  /** For the oldest one only. */
  @GuardedBy("lock")
  private @Nullable Scheduled timer;

  /** What is remembered at most; one process always is. */
  record Limits(int processes, long bytes, Duration time) {
    static final Limits DEFAULT = new Limits(1000, 64L << 20, Duration.ofHours(1));
  }

  /** The end of a run. */
  private record Kept(Run run, long bytes, Instant until) {}

  /**
   * @param forget called outside of the lock with a process that is remembered no more, and the run
   *     that was its last; it may run again, and have ended again, meanwhile
   */
  Retention(Limits limits, Clock clock, Scheduler scheduler, BiConsumer<OwnedProcess, Run> forget) {
    this.limits = limits;
    this.clock = clock;
    this.scheduler = scheduler;
    this.forget = forget;
  }

  /** Remembers a process; {@link #trim} is to be called outside of every lock afterwards. */
  void add(OwnedProcess process, Run last, long itsBytes) {
    synchronized (lock) {
      ended.put(process, new Kept(last, itsBytes, clock.instant().plus(limits.time())));
      bytes += itsBytes;
    }
  }

  /** Does not have to remember it any more. */
  void remove(OwnedProcess process) {
    synchronized (lock) {
      Kept kept = ended.remove(process);
      bytes -= kept == null ? 0 : kept.bytes();
    }
  }

  /** Forgets what is too much or too old. */
  void trim() {
    Map<OwnedProcess, Run> gone = new LinkedHashMap<>();
    synchronized (lock) {
      Map.Entry<OwnedProcess, Kept> oldest;
      while ((oldest = oldest()) != null && isOver(oldest.getValue())) {
        gone.put(oldest.getKey(), oldest.getValue().run());
        remove(oldest.getKey());
      }
      if (oldest != null && timer == null) {
        Duration rest = Duration.between(clock.instant(), oldest.getValue().until());
        timer = scheduler.schedule(rest, this::timeIsOver);
      }
    }
    gone.forEach(forget);
  }

  @GuardedBy("lock")
  private Map.@Nullable Entry<OwnedProcess, Kept> oldest() {
    return ended.isEmpty() ? null : ended.entrySet().iterator().next();
  }

  @GuardedBy("lock")
  private boolean isOver(Kept oldest) {
    return ended.size() > limits.processes()
        || (bytes > limits.bytes() && ended.size() > 1)
        || !oldest.until().isAfter(clock.instant());
  }

  private void timeIsOver() {
    synchronized (lock) {
      timer = null;
    }
    trim();
  }
}
