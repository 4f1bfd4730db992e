package dev.forkyard.server.contract;

import dev.forkyard.server.testing.SharedDaemon;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract over the wire; after each test nothing is left in the daemon. */
class RpcLifetimeTest extends LifetimeContract {
  @RegisterExtension static final SharedDaemon daemon = new SharedDaemon();

  @Override
  LifetimeDriver driver() {
    return new RpcLifetimeDriver(daemon.channel());
  }
}
