package dev.forkyard.server.pool;

import org.junit.jupiter.api.Test;

class PoolModelTest {
  private static final int WORLDS = 600;

  /** The seed of one world, to see it again. */
  private static final Long ONLY = Long.getLong("forkyard.model.seed");

  @Test
  void everyCallOfEveryInterleavingGetsExactlyOneOutcome() {
    long first = ONLY == null ? 1 : ONLY;
    long last = ONLY == null ? WORLDS : ONLY;
    for (long seed = first; seed <= last; seed++) {
      PoolModel model = new PoolModel(seed);
      try {
        model.live();
        model.end();
      } catch (AssertionError | RuntimeException wrong) {
        throw new AssertionError(
            "-Dforkyard.model.seed=" + seed + " after " + model.history(), wrong);
      }
    }
  }
}
