package dev.forkyard.server.pool;

/** What became of the calls of a pool so far. */
public record PoolCounts(long queued, long assigned, long done, long failed, long workersLost) {
  /** Calls that have ended. */
  public long ended() {
    return done + failed;
  }
}
