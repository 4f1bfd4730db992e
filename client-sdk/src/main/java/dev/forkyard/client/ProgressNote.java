package dev.forkyard.client;

import dev.forkyard.client.PoolStats.WorkerState;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What there is to say about a pool since a moment. For one thread. */
final class ProgressNote {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final PoolStats start;
  private final LongSupplier clock;
  private final long startedAt;
  private long lastEnded;
  private double perSecond;

  /**
   * Begins to count.
   *
   * @param start the pool now
   * @param clock tells nanoseconds
   */
  ProgressNote(PoolStats start, LongSupplier clock) {
    this.start = start;
    this.clock = clock;
    this.startedAt = clock.getAsLong();
  }

  /** {@return how many calls have ended since the start} */
  long ended(PoolStats now) {
    return now.done() + now.failed() - start.done() - start.failed();
  }

  /** {@return the state in words} The rate is that since the start when the last call ended. */
  String of(PoolStats now) {
    long ended = ended(now);
    if (ended != lastEnded) {
      lastEnded = ended;
      perSecond = ended * NANOS_PER_SECOND / Math.max(1, clock.getAsLong() - startedAt);
    }
    long running = running(now);
    return String.format(
        Locale.ROOT,
        "%d running, %d queued, %d failed, %.1f/s",
        running,
        now.queued() + now.assigned() - running,
        now.failed() - start.failed(),
        perSecond);
  }

  /** A worker runs one call; others that it has are queued there. */
  private static long running(PoolStats now) {
    long workers =
        now.workers().stream()
            .filter(
                worker ->
                    worker.state() == WorkerState.BUSY || worker.state() == WorkerState.LEAVING)
            .count();
    return Math.min(now.assigned(), workers);
  }
}
