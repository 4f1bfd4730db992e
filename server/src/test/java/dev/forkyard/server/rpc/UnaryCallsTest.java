package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Reply;
import dev.forkyard.server.testing.Refusals;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnaryCallsTest {
  private final OpenCalls open = new OpenCalls();
  private final UnaryCalls calls = new UnaryCalls(open);
  private final List<Reply<String>> operations = new ArrayList<>();
  private final Caller caller = new Caller();

  /** The other side of a call. */
  private static final class Caller extends ServerCallStreamObserver<String> {
    private final List<Object> received = new ArrayList<>();

    @Override
    public void onNext(String answer) {
      received.add(answer);
    }

    @Override
    public void onError(Throwable refusal) {
      received.add(Refusals.reason(refusal));
    }

    @Override
    public void onCompleted() {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}
  }

  @Test
  void parkedCallIsRefusedOnceWhenTheDaemonEnds() {
    calls.run(caller, operations::add);
    open.end();
    operations.get(0).answer("too late");
    assertThat(caller.received).containsExactly("DAEMON_STOPPING");
  }

  @Test
  void callThatComesAfterTheEndIsRefusedAndNotCarriedOut() {
    open.end();
    calls.run(caller, operations::add);
    assertThat(caller.received).containsExactly("DAEMON_STOPPING");
    assertThat(operations).isEmpty();
  }
}
