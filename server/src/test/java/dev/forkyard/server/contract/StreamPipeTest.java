package dev.forkyard.server.contract;

import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract over the wire. */
class StreamPipeTest extends PipeContract {
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
  PipeDriver driver() {
    return new RpcPipeDriver(daemon.channel(), false);
  }
}
