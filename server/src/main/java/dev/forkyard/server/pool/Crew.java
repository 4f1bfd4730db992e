package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import dev.forkyard.server.worker.WorkerDeath;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The workers of a pool. Guarded by the pool's lock. */
final class Crew {
  /** Workers that died before they were ready, one after the other, before the pool gives up. */
  private static final int MOST_FAILED_STARTS = 3;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

  private final String poolId;
  private final WorkerStarter starter;
  private final Set<Slot> slots = new LinkedHashSet<>();
  private int failedStarts;
  private long lost;

  /** Starts and stops the processes of workers. Called outside of every lock; does not wait. */
  interface WorkerStarter {
    void start(Slot slot);

    void stop(String processId);
  }

  Crew(String poolId, WorkerStarter starter) {
    this.poolId = poolId;
    this.starter = starter;
  }

  /** Begins to start a worker. */
  void start(Slot slot, Afterwards after) {
    slots.add(slot);
    after.add(() -> starter.start(slot));
  }

  void stop(Slot slot, Afterwards after) {
    if (!slot.processId().isEmpty()) {
      after.add(() -> starter.stop(slot.processId()));
    }
  }

  void stopAll(Afterwards after) {
    slots.forEach(slot -> stop(slot, after));
  }

  /** The worker that should get the next chunk: the one that has least. */
  @Nullable Slot wanting(long now) {
    Slot best = null;
    for (Slot slot : slots) {
      if (slot.wantsWork(now) && (best == null || slot.assigned.size() < best.assigned.size())) {
        best = slot;
      }
    }
    return best;
  }

  /** A worker answered a call, so workers can work. */
  void worked() {
    failedStarts = 0;
  }

  void remove(Slot slot) {
    slots.remove(slot);
    slot.markLost();
  }

  /** Counts a worker that has to be replaced. */
  void countLost(boolean failedToStart) {
    lost++;
    failedStarts = failedToStart ? failedStarts + 1 : 0;
  }

  /** True when there is no use in starting another. */
  boolean givesUp() {
    return failedStarts >= MOST_FAILED_STARTS;
  }

  /** How long to wait before the next start. */
  Duration backoff() {
    return FIRST_BACKOFF.multipliedBy(failedStarts);
  }

  /** Why no other worker is started. */
  Failure whyGivenUp(WorkerDeath death) {
    return Failure.of(
            Kind.POOL_FAILED,
            "The workers of pool \""
                + poolId
                + "\" end before they are ready for work: "
                + death.inWords()
                + ". Look at what they wrote to standard error.")
        .withEvidence(death.inWords(), death.stderrTail());
  }

  Set<Slot> slots() {
    return slots;
  }

  long lost() {
    return lost;
  }

  List<WorkerSnapshot> snapshot() {
    return slots.stream().map(Slot::snapshot).toList();
  }
}
