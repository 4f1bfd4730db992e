package dev.forkyard.server.contract;

import dev.forkyard.server.testing.SharedDaemon;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract over the wire. */
class StreamQueueFateTest extends QueueFateContract {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  @Override
  QueueDriver driver() {
    return new RpcQueueDriver(DAEMON.channel(), false);
  }
}
