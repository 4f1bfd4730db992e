package dev.forkyard.server.contract;

import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract over the wire. */
class UnaryQueueTest extends QueueContract {
  private static TestDaemon daemon;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @Override
  QueueDriver driver() {
    return new RpcQueueDriver(daemon.channel(), true);
  }
}
