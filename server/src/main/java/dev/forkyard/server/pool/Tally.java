package dev.forkyard.server.pool;

/** Counts of calls. Guarded by the pool's lock. */
final class Tally {
  long assigned;
  long done;
  long failed;

  PoolCounts counts(long queued, long workersLost) {
    return new PoolCounts(queued, assigned, done, failed, workersLost);
  }
}
