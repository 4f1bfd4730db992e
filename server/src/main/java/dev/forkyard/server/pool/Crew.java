package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a pool: which there are, which there should be, and what they are told. Guarded by
 * the pool's lock.
 */
final class Crew {
  /** Workers that fail before they work, one after the other, before the pool gives up. */
  private static final int MOST_FAILURES = 3;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final int LONGEST_BACKOFF = 50;

  /** For a worker that was started and has not said hello. */
  static final Duration START_PATIENCE = Duration.ofMinutes(1);

  private static final Duration STOP_GRACE = Duration.ofSeconds(1);

  /** For a worker that was told to leave and has nothing to do. */
  private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(10);

  private final WorkerPool pool;
  private final PoolContext context;
  private final @Nullable ChunkRequest initializer;
  private final Hold initializerHold;
  private final Set<Slot> slots = new LinkedHashSet<>();

  /** What is to be done with workers, in this order. */
  private Afterwards orders = new Afterwards();

  private int size;

  /** Workers that do not leave. */
  private int staying;

  /** Workers that are started after a pause. */
  private int awaited;

  /** Workers that were not ready in the end, one after the other. */
  private int failedStarts;

  /** Workers that were ready and died before their first call, one after the other. */
  private int stillborn;

  /** Workers that were ready and ended without a call, one after the other. */
  private int useless;

  private long lost;

  Crew(WorkerPool pool, PoolContext context, PoolOptions options) {
    this.pool = pool;
    this.context = context;
    this.initializer = options.initializer();
    this.size = options.workers();
    this.initializerHold =
        context.handles().hold(initializer == null ? List.of() : initializer.arguments().handles());
  }

  int size() {
    return size;
  }

  Collection<Slot> slots() {
    return slots;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  /** Begins to start the workers that are missing. */
  void fill() {
    while (staying + awaited < size) {
      Slot slot = new Slot(pool);
      slots.add(slot);
      staying++;
      order(() -> context.starter().start(slot));
    }
  }

  /** Begins to start one worker after a pause, which is longer after failures. */
  void fillAfterPause() {
    if (staying + awaited < size) {
      awaited++;
      int failures = Math.max(useless, Math.max(failedStarts, stillborn));
      pool.later(FIRST_BACKOFF.multipliedBy(Math.min(failures, LONGEST_BACKOFF)), () -> awaited--);
    }
  }

  /** Lets something happen to a worker after everything that was ordered before. */
  void order(Runnable order) {
    orders.add(order);
  }

  /** What was ordered since the last time; to be carried out outside of the lock, in order. */
  Afterwards takeOrders() {
    Afterwards taken = orders;
    orders = new Afterwards();
    return taken;
  }

  /** A worker has a process, or a connection; with both it can work, or begin to prepare. */
  void connected(Slot slot) {
    if (!slot.isConnected() || slot.stopped || slot.state() != WorkerState.STARTING) {
      return;
    }
    Slot.cancel(slot.startTimer);
    if (initializer == null) {
      ready(slot);
    } else if (slot.initializer == 0) {
      slot.initializer = slot.nextNumber();
      assign(slot, slot.initializer, initializer, 0, initializerHold);
    }
  }

  /** Orders a worker to run the calls of a chunk from one on. */
  void assign(Slot slot, int number, ChunkRequest chunk, int first, Hold hold) {
    Assignment assignment =
        new Assignment(number, chunk.function(), first, chunk.count(), chunk.arguments());
    Session session = Objects.requireNonNull(slot.session);
    WorkerLink link = Objects.requireNonNull(slot.link);
    order(
        () -> {
          hold.shareWith(session);
          link.assign(assignment);
        });
  }

  private void ready(Slot slot) {
    failedStarts = 0;
    slot.markReady();
  }

  /** The initializer returned, if this is its number. */
  void returned(Slot slot, int number) {
    if (isPreparing(slot, number)) {
      ready(slot);
    }
  }

  /** The initializer failed, if this is its number. */
  void failed(Slot slot, int number, Failure failure) {
    if (isPreparing(slot, number)) {
      slot.notReady = (id, death) -> PoolFaults.initializerFails(id, failure, death);
      stop(slot);
    }
  }

  private static boolean isPreparing(Slot slot, int number) {
    return number != 0
        && slot.initializer == number
        && slot.state() == WorkerState.STARTING
        && !slot.stopped;
  }

  /** Stops a worker that the pool does not need. */
  private void stop(Slot slot) {
    stop(slot, STOP_GRACE, ExitCause.POOL_TERMINATED);
  }

  private void stop(Slot slot, Duration grace, ExitCause cause) {
    if (!slot.stopped) {
      slot.stopped = true;
      if (!slot.processId().isEmpty()) {
        order(() -> context.starter().stop(slot.processId(), grace, cause));
      }
    }
  }

  /** The process of a worker runs; one that was stopped before is stopped now. */
  void started(Slot slot) {
    if (slot.stopped) {
      slot.stopped = false;
      stop(slot);
    } else if (!slot.isConnected()) {
      slot.startTimer = pool.later(START_PATIENCE, () -> doesNotSayHello(slot));
    }
  }

  private void doesNotSayHello(Slot slot) {
    if (!slot.stopped && slot.state() == WorkerState.STARTING && slot.link == null) {
      slot.notReady = (id, death) -> PoolFaults.workersAreSilent(id, death, START_PATIENCE);
      stop(slot);
    }
  }

  /** Stops a worker because of the call that it runs. */
  void stopForItsCall(Slot slot, Duration grace) {
    leave(slot);
    slot.stoppedForACall = true;
    stop(slot, grace, ExitCause.CALL_CANCELLED);
  }

  void stopAll() {
    slots.forEach(this::stop);
  }

  private void leave(Slot slot) {
    if (slot.state() != WorkerState.LEAVING) {
      slot.markLeaving();
      staying--;
    }
  }

  /** Lets a worker finish what it has, and leave. */
  void letGo(Slot slot) {
    WorkerLink link = slot.link;
    if (slot.state() == WorkerState.LEAVING) {
      return;
    }
    boolean isReady = slot.isReady();
    leave(slot);
    if (link != null && isReady) {
      order(link::drain);
      awaitLeaving(slot);
    } else {
      stop(slot);
    }
  }

  void letAllGo() {
    slots.forEach(this::letGo);
  }

  /** Does not wait for ever for a worker that leaves and has nothing to do. */
  void awaitLeaving(Slot slot) {
    if (slot.state() == WorkerState.LEAVING && slot.assigned.isEmpty() && slot.leaveTimer == null) {
      slot.leaveTimer = pool.later(LEAVE_PATIENCE, () -> stop(slot));
    }
  }

  /** Lets go of the workers that are too many: those that have least to do, the newest first. */
  void resize(int workers) {
    size = workers;
    List<Slot> newestFirst = new ArrayList<>(slots);
    Collections.reverse(newestFirst);
    newestFirst.stream()
        .filter(slot -> slot.state() != WorkerState.LEAVING)
        .sorted(Comparator.comparing(Slot::state))
        .limit(Math.max(0, staying - size))
        .forEach(this::letGo);
  }

  /**
   * The worker that should get the next chunk: the one that has least. No more workers have
   * something than there should be, so one that takes the place of another waits for its last call.
   */
  @Nullable Slot wanting(long now) {
    Slot best = null;
    int busy = 0;
    for (Slot slot : slots) {
      busy += slot.assigned.isEmpty() ? 0 : 1;
      if (slot.wantsWork(now) && (best == null || slot.assigned.size() < best.assigned.size())) {
        best = slot;
      }
    }
    return busy >= size && best != null && best.assigned.isEmpty() ? wantingMore(now) : best;
  }

  private @Nullable Slot wantingMore(long now) {
    Slot best = null;
    for (Slot slot : slots) {
      boolean wants = !slot.assigned.isEmpty() && slot.wantsWork(now);
      if (wants && (best == null || slot.assigned.size() < best.assigned.size())) {
        best = slot;
      }
    }
    return best;
  }

  /** A worker answered a call, so workers can work. */
  void worked() {
    failedStarts = 0;
    stillborn = 0;
    useless = 0;
  }

  /** Counts a dead worker, unless it was to go; before what it had is taken back. */
  boolean countLost(Slot slot, WorkerDeath death) {
    boolean wasLeaving = slot.state() == WorkerState.LEAVING && slot.assigned.isEmpty();
    if (slot.notReady == null && (slot.stopped || wasLeaving)) {
      return false;
    }
    lost++;
    if (slot.state() == WorkerState.STARTING) {
      failedStarts++;
    } else if (slot.diedBeforeItsFirstCall(death)) {
      stillborn++;
    } else if (slot.hasWorked() || death.running() != null) {
      worked();
    } else {
      useless++;
    }
    return true;
  }

  void remove(Slot slot) {
    if (slots.remove(slot) && slot.state() != WorkerState.LEAVING) {
      staying--;
    }
    slot.markLost();
  }

  /** True when there is no use in starting another. */
  boolean givesUp() {
    return failedStarts >= MOST_FAILURES || stillborn >= MOST_FAILURES;
  }

  long lost() {
    return lost;
  }

  /** Nothing will be started any more. */
  void end(Afterwards after) {
    after.add(initializerHold::release);
  }

  List<WorkerSnapshot> snapshot(long nowNanos) {
    return slots.stream().map(slot -> slot.snapshot(nowNanos)).toList();
  }
}
