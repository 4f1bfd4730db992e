package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.PoolState;
import io.grpc.Status.Code;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** As many pools as the daemon takes, and one more. */
class PoolLimitTest {
  private static final int LIMIT = 1_000;

  @Test
  void poolThatEndedFirstMakesRoomAndOneThatRunsDoesNot() throws IOException {
    try (TestDaemon daemon = TestDaemon.start()) {
      PoolClient pools = new PoolClient(daemon.channel());
      for (int i = 0; i < LIMIT; i++) {
        pools.create("p" + i, 1, "sleep", "1000");
      }
      assertRefused(
          Code.RESOURCE_EXHAUSTED, "TOO_MANY_POOLS", () -> pools.create("a", 1, "sleep", "1000"));
      pools.terminate("p5");
      pools.terminate("p3");
      pools.create("a", 1, "sleep", "1000");
      assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> pools.get("p5"));
      assertThat(pools.get("p3").getState()).isEqualTo(PoolState.POOL_STATE_TERMINATED);
      pools.create("b", 1, "sleep", "1000");
      assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> pools.get("p3"));
      assertRefused(
          Code.RESOURCE_EXHAUSTED, "TOO_MANY_POOLS", () -> pools.create("c", 1, "sleep", "1000"));
    }
  }
}
