package dev.forkyard.server.contract;

import java.util.List;
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

  @Test
  void whoHoldsNothingCannotUseAnEndThatIsGoneEither() {
    Call<PipeDriver.Received> waiting = pipes.receive(pipe, PipeDriver.End.LEFT, "", 1, FOR_EVER);
    pipes.close(pipe, PipeDriver.End.LEFT, ann);
    waiting.assertRefused("PIPE_END_CLOSED");
    pipes
        .send(pipe, PipeDriver.End.LEFT, "", FOR_EVER, List.of("1"))
        .assertRefused("PIPE_END_CLOSED");
  }
}
