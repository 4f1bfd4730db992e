package dev.forkyard.server.pool;

/** Counts of calls, and how many ended in the last second. Guarded by the pool's lock. */
final class Tally {
  private static final int BUCKETS = 10;
  private static final long BUCKET_NANOS = 100_000_000;

  private final long[] endedLately = new long[BUCKETS];
  private long bucket = Long.MIN_VALUE / 2;
  private long assigned;
  private long done;
  private long failed;

  void assigned(int calls) {
    assigned += calls;
  }

  /** Calls that a worker had, and has no more. */
  void takenBack(int calls) {
    assigned -= calls;
  }

  void done(int calls, long nowNanos) {
    done += calls;
    ended(calls, nowNanos);
  }

  void failed(int calls, long nowNanos) {
    failed += calls;
    ended(calls, nowNanos);
  }

  private void ended(int calls, long nowNanos) {
    turnTo(nowNanos);
    endedLately[(int) Math.floorMod(bucket, (long) BUCKETS)] += calls;
  }

  private void turnTo(long nowNanos) {
    long current = Math.floorDiv(nowNanos, BUCKET_NANOS);
    for (long old = Math.max(bucket + 1, current - BUCKETS + 1); old <= current; old++) {
      endedLately[(int) Math.floorMod(old, (long) BUCKETS)] = 0;
    }
    bucket = Math.max(bucket, current);
  }

  boolean anyAssigned() {
    return assigned > 0;
  }

  /** How many calls ended in the last second. */
  double perSecond(long nowNanos) {
    turnTo(nowNanos);
    long sum = 0;
    for (long calls : endedLately) {
      sum += calls;
    }
    return sum;
  }

  PoolCounts counts(long queued, long workersLost) {
    return new PoolCounts(queued, assigned, done, failed, workersLost);
  }
}
