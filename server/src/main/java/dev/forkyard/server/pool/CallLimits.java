package dev.forkyard.server.pool;

import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls that run: those that take too long, and those that somebody gave up. The worker is
 * asked first; when the call still runs after a grace, its worker is stopped. Guarded by the pool's
 * lock.
 */
final class CallLimits {
  private final WorkerPool pool;
  private final Crew crew;
  private final @Nullable Duration callTimeout;
  private final Duration cancelGrace;
  private final LongSupplier nanoTime;

  CallLimits(WorkerPool pool, Crew crew, PoolOptions options, PoolContext context) {
    this.pool = pool;
    this.crew = crew;
    this.callTimeout = options.callTimeout();
    this.cancelGrace = options.cancelGrace();
    this.nanoTime = context.nanoTime();
  }

  /** A worker has begun another call, or has nothing to do. */
  void callBegan(Slot slot) {
    if (callTimeout != null && slot.callTimer == null && slot.head() != null) {
      slot.callTimer = timer(slot, callTimeout);
    }
  }

  private Scheduled timer(Slot slot, Duration delay) {
    return pool.later(delay, () -> checkCallTime(slot));
  }

  /** Looks whether the time of a running call is over; one timer serves all calls of a worker. */
  private void checkCallTime(Slot slot) {
    slot.callTimer = null;
    Chunk head = slot.head();
    if (head == null || callTimeout == null || isExpired(slot, head)) {
      return;
    }
    Duration ran = Duration.ofNanos(nanoTime.getAsLong() - slot.callBegan());
    Duration left = callTimeout.minus(ran);
    if (left.isZero() || left.isNegative()) {
      slot.expired = new RunningCall(head.assignment, head.answered);
      ask(slot, head, head.answered, true);
      slot.callGrace = grace(slot, head, head.answered);
    } else {
      slot.callTimer = timer(slot, left);
    }
  }

  /** True when the time of the first unanswered call of a chunk is over. */
  boolean isExpired(Slot slot, Chunk chunk) {
    RunningCall expired = slot.expired;
    return expired != null
        && expired.number() == chunk.assignment
        && expired.index() == chunk.answered;
  }

  Duration callTimeout() {
    return Objects.requireNonNull(callTimeout);
  }

  /** Gives up the calls of a chunk that a worker has. */
  void cancel(Slot slot, Chunk chunk, boolean running) {
    boolean more = !chunk.cancelled || (running && !chunk.cancelsRunning);
    if (!more) {
      return;
    }
    chunk.cancelled = true;
    chunk.cancelsRunning |= running;
    ask(slot, chunk, WorkerLink.EVERY_CALL, running);
    if (running && slot.head() == chunk) {
      slot.chunkGrace = grace(slot, chunk, WorkerLink.EVERY_CALL);
    }
  }

  /** A worker has begun another chunk, or has nothing to do. */
  void chunkBegan(Slot slot) {
    Slot.cancel(slot.chunkGrace);
    slot.chunkGrace = null;
    Chunk head = slot.head();
    if (head != null && head.cancelsRunning) {
      slot.chunkGrace = grace(slot, head, WorkerLink.EVERY_CALL);
    }
  }

  /** A worker answered the call that ran. */
  void callsAnswered(Slot slot) {
    Slot.cancel(slot.callGrace);
    slot.callGrace = null;
  }

  private void ask(Slot slot, Chunk chunk, int index, boolean running) {
    WorkerLink link = Objects.requireNonNull(slot.link);
    int number = chunk.assignment;
    crew.order(() -> link.cancel(number, index, running));
  }

  private Scheduled grace(Slot slot, Chunk chunk, int index) {
    return pool.later(cancelGrace, () -> graceIsOver(slot, chunk, index));
  }

  /** Stops a worker that still runs what it was asked to end. */
  private void graceIsOver(Slot slot, Chunk chunk, int index) {
    boolean stillRuns =
        slot.head() == chunk && (index == WorkerLink.EVERY_CALL || index == chunk.answered);
    if (stillRuns) {
      crew.stopForItsCall(slot, cancelGrace);
    }
  }
}
