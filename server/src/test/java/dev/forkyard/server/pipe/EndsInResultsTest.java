package dev.forkyard.server.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.Recorded;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The left end of a pipe, which is in a result that is kept. */
class EndsInResultsTest {
  private static final List<Handle> LEFT =
      List.of(new Handle(Handle.Kind.PIPE_END, "p", Side.LEFT.name()));

  private final Sessions sessions = new Sessions(10);
  private final Session worker = sessions.open();
  private final Session caller = sessions.open();
  private final Handles handles = new Handles();
  private final PipeManager pipes =
      new PipeManager(10, handles, (delay, action) -> () -> {}, new WaiterLimit(10));

  @BeforeEach
  void createPipe() {
    pipes.create("p", PipeOptions.of(0, false), new Owner(worker));
  }

  private Hold result() {
    return handles.holdForResult(LEFT);
  }

  private String use(Session session) {
    return Recorded.<Received>inWords(
        false,
        reply ->
            pipes.receive("p", Side.LEFT, session, ReceiveRequest.of(1, 0, Duration.ZERO), reply),
        received -> received.end() ? "end" : "nothing yet");
  }

  private boolean isGone() {
    return pipes.get("p").left().gone();
  }

  @Test
  void endInAResultIsHeldUntilSomebodyHasUsedIt() {
    use(worker);
    result();
    use(worker);
    sessions.end(worker, Ending.CLOSED);
    assertThat(isGone()).isFalse();
    use(caller);
    assertThat(isGone()).isFalse();
    pipes.close("p", Side.LEFT, caller);
    assertThat(isGone()).isTrue();
  }

  @Test
  void endInAResultIsHeldByWhoeverItWasGivenTo() {
    Hold result = result();
    result.shareWith(caller);
    sessions.end(worker, Ending.CLOSED);
    assertThat(isGone()).isFalse();
    sessions.end(caller, Ending.CLOSED);
    assertThat(isGone()).isTrue();
    result.release();
    assertThat(pipes.size()).isZero();
  }

  @Test
  void endInAResultForACallerWhoHasClosedItIsGone() {
    Hold result = result();
    pipes.close("p", Side.LEFT, caller);
    assertThat(isGone()).isFalse();
    result.shareWith(caller);
    assertThat(isGone()).isTrue();
  }

  @Test
  void endInAResultWhoseCallerIsGoneIsThereForOthersUntilTheResultIsForgotten() {
    sessions.end(caller, Ending.BROKEN);
    Hold result = result();
    result.shareWith(caller);
    assertThat(isGone()).isFalse();
    result.release();
    assertThat(isGone()).isTrue();
  }

  @Test
  void endInAResultDoesNotEndWithSomebodyElseWhoWasGivenItOnAnotherWay() {
    result();
    Hold message = handles.hold(LEFT);
    message.shareWith(caller);
    message.release();
    sessions.end(caller, Ending.CLOSED);
    assertThat(isGone()).isFalse();
  }
}
