package dev.forkyard.server.pool;

/** Counts of a pool. Guarded by its lock. */
final class Tally {
  long assigned;
  long done;
  long failed;
  long workersLost;

  PoolCounts counts(long queued) {
    return new PoolCounts(queued, assigned, done, failed, workersLost);
  }
}
