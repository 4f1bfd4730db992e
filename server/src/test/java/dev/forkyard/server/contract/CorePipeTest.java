package dev.forkyard.server.contract;

import org.junit.jupiter.api.Test;

/** The contract without a transport. */
class CorePipeTest extends PipeContract {
  @Override
  PipeDriver driver() {
    return new CorePipeDriver();
  }

  @Test
  void callThatWaitsForASessionThatEndsIsRefused() {
    String session = pipes.openSession();
    Call<PipeDriver.Received> receiver =
        pipes.receive(pipe, PipeDriver.End.RIGHT, session, 1, FOR_EVER);
    Call<PipeDriver.Polled> poller = pipes.poll(pipe, PipeDriver.End.RIGHT, session, FOR_EVER);
    pipes.endSession(session);
    receiver.assertRefused("SESSION_NOT_FOUND");
    poller.assertRefused("SESSION_NOT_FOUND");
  }
}
