package dev.forkyard.server.pool;

/** Counts of a pool. Guarded by its lock. */
final class Tally {
  long queued;
  long assigned;
  long done;
  long failed;
  long workersLost;

  PoolCounts counts() {
    return new PoolCounts(queued, assigned, done, failed, workersLost);
  }
}
