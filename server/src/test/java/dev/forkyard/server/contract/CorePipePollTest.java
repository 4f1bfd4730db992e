package dev.forkyard.server.contract;

/** The contract without a transport. */
class CorePipePollTest extends PipePollContract {
  @Override
  PipeDriver driver() {
    return new CorePipeDriver();
  }
}
