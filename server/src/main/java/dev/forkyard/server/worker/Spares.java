package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers that were started ahead, for whoever starts the same again soon: after the second start
 * of a kind within ten seconds there is one spare, after more starts up to four. A kind that nobody
 * starts for 30 seconds loses its spares, and all are given up when memory is short. Thread-safe.
 *
 * @param <S> a worker that waits
 */
final class Spares<S extends Spares.Waiting> {
  static final Duration RATE_WINDOW = Duration.ofSeconds(10);
  static final Duration IDLE = Duration.ofSeconds(30);
  static final Duration LOOK_AT_MEMORY = Duration.ofSeconds(5);

  /** A kind that was used a moment ago does not lose its spares to another one. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private static final int MOST_KINDS = 64;

  /**
   * How many may wait.
   *
   * @param ofAKind most of the same kind
   * @param all most in all; 0 for none
   */
  record Limits(int ofAKind, int all) {
    static final int OF_A_KIND = 4;
    static final int ALL = 8;

    /** What suits this machine: fewer than two for a processor. */
    static Limits usual() {
      return new Limits(
          OF_A_KIND, Math.min(ALL, 2 * Runtime.getRuntime().availableProcessors() - 1));
    }
  }

  /** A worker that waits. */
  interface Waiting {
    /** Begins; called once, at first. Tells {@link Spares#gone} when it has ended by itself. */
    void start();

    /** Whether it can be taken. Called under a lock: must neither wait nor call others. */
    boolean isReady();

    /** It is not needed. */
    void discard();
  }

  /** Makes a spare, which does nothing yet. */
  interface Maker<S> {
    S make(LaunchKey key);
  }

  private final class Kind {
    private final Deque<S> waiting = new ArrayDeque<>();
    private final Deque<Instant> starts = new ArrayDeque<>();
    private Scheduled idle = () -> {};
    private boolean unfit;
  }

  private final Limits limits;
  private final Maker<S> maker;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Executor files;
  private final BooleanSupplier memoryIsShort;
  private final Object lock = new Object();

  /** The one that was used last comes last. */
  @GuardedBy("lock")
  private final LinkedHashMap<LaunchKey, Kind> kinds = new LinkedHashMap<>();

  @GuardedBy("lock")
  private int count;

  @GuardedBy("lock")
  private boolean watching;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * @param files runs what looks at memory
   * @param memoryIsShort blocks on the kernel
   */
  Spares(
      Limits limits,
      Maker<S> maker,
      Clock clock,
      Scheduler scheduler,
      Executor files,
      BooleanSupplier memoryIsShort) {
    this.limits = limits;
    this.maker = maker;
    this.clock = clock;
    this.scheduler = scheduler;
    this.files = files;
    this.memoryIsShort = memoryIsShort;
  }

  /**
   * A worker of this kind is started: answers a spare for it, null when none is ready, and starts
   * others if that pays. The spare is the caller's. Looks at the memory, so it blocks.
   */
  @Nullable S take(LaunchKey key) {
    Afterwards afterwards = new Afterwards();
    S taken;
    synchronized (lock) {
      if (closed || limits.all() == 0) {
        return null;
      }
      Kind kind = kind(key, afterwards);
      note(kind);
      taken = kind.waiting.stream().filter(Waiting::isReady).findFirst().orElse(null);
      kind.waiting.remove(taken);
      count -= taken == null ? 0 : 1;
      kind.idle.cancel();
      kind.idle = scheduler.schedule(IDLE, () -> drop(key, kind));
    }
    afterwards.run();
    if (!memoryIsShort.getAsBoolean()) {
      refill(key);
    }
    return taken;
  }

  @GuardedBy("lock")
  private Kind kind(LaunchKey key, Afterwards afterwards) {
    Kind kind = kinds.remove(key);
    if (kind == null) {
      kind = new Kind();
      if (kinds.size() >= MOST_KINDS) {
        giveUp(kinds.keySet().iterator().next(), afterwards);
      }
    }
    kinds.put(key, kind);
    return kind;
  }

  private void note(Kind kind) {
    Instant now = clock.instant();
    kind.starts.add(now);
    kind.starts.removeIf(start -> start.isBefore(now.minus(RATE_WINDOW)));
    if (kind.starts.size() > limits.ofAKind() + 1) {
      kind.starts.remove();
    }
  }

  private void refill(LaunchKey key) {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      Kind kind = kinds.get(key);
      if (kind == null || kind.unfit || closed) {
        return;
      }
      int wanted = Math.min(limits.ofAKind(), kind.starts.size() - 1);
      while (kind.waiting.size() < wanted && makeRoom(kind, afterwards)) {
        S spare = maker.make(key);
        kind.waiting.add(spare);
        count++;
        afterwards.add(spare::start);
      }
      watchMemory();
    }
    afterwards.run();
  }

  /** Takes a spare from the kind that was not used for longest, if all are there. */
  @GuardedBy("lock")
  private boolean makeRoom(Kind mine, Afterwards afterwards) {
    if (count < limits.all()) {
      return true;
    }
    Instant settled = clock.instant().minus(SETTLED);
    for (Kind other : kinds.values()) {
      S victim = other == mine || isInUse(other, settled) ? null : other.waiting.poll();
      if (victim != null) {
        count--;
        afterwards.add(victim::discard);
        return true;
      }
    }
    return false;
  }

  private boolean isInUse(Kind kind, Instant since) {
    Instant last = kind.starts.peekLast();
    return last != null && last.isAfter(since);
  }

  @GuardedBy("lock")
  private void watchMemory() {
    if (count > 0 && !watching) {
      watching = true;
      scheduler.schedule(LOOK_AT_MEMORY, () -> files.execute(this::lookAtMemory));
    }
  }

  private void lookAtMemory() {
    boolean isShort = memoryIsShort.getAsBoolean();
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      watching = false;
      if (isShort) {
        giveUpAll(afterwards);
      }
      if (!closed) {
        watchMemory();
      }
    }
    afterwards.run();
  }

  /** A spare has ended by itself; nothing happens when it was taken or discarded before. */
  void gone(LaunchKey key, S spare) {
    synchronized (lock) {
      Kind kind = kinds.get(key);
      if (kind != null && kind.waiting.remove(spare)) {
        count--;
      }
    }
  }

  /** Such workers never become ready: there are no more, until nobody has used them for long. */
  void unfit(LaunchKey key) {
    synchronized (lock) {
      Kind kind = kinds.get(key);
      if (kind != null) {
        kind.unfit = true;
      }
    }
  }

  private void drop(LaunchKey key, Kind kind) {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      if (kinds.get(key) == kind) {
        giveUp(key, afterwards);
      }
    }
    afterwards.run();
  }

  @GuardedBy("lock")
  private void giveUp(LaunchKey key, Afterwards afterwards) {
    Kind kind = kinds.remove(key);
    if (kind != null) {
      kind.idle.cancel();
      count -= kind.waiting.size();
      kind.waiting.forEach(spare -> afterwards.add(spare::discard));
    }
  }

  @GuardedBy("lock")
  private void giveUpAll(Afterwards afterwards) {
    List<LaunchKey> all = new ArrayList<>(kinds.keySet());
    all.forEach(key -> giveUp(key, afterwards));
  }

  /** How many wait. */
  int waiting() {
    synchronized (lock) {
      return count;
    }
  }

  /** Gives up all, and starts none any more. */
  void close() {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      closed = true;
      giveUpAll(afterwards);
    }
    afterwards.run();
  }
}
