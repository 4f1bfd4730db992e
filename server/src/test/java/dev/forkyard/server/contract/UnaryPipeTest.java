package dev.forkyard.server.contract;

import dev.forkyard.server.testing.SharedDaemon;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract over the wire. */
class UnaryPipeTest extends PipeContract {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  @Override
  PipeDriver driver() {
    return new RpcPipeDriver(DAEMON.channel(), true);
  }
}
