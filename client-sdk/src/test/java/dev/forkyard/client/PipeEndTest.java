package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.internal.Handle;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipeEndTest {
  private final FakePipes pipes = new FakePipes();
  private FakeDaemon daemon;
  private Wire wire;
  private PipeEnd<Integer> end;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), pipes);
    wire = Forkyard.openWire(daemon.address());
    end = new PipeEnd<>(wire, "p", Handle.Side.LEFT, Integer.class);
  }

  @AfterEach
  void disconnect() throws Exception {
    wire.close();
    daemon.close();
  }

  @Test
  @SuppressWarnings("NullAway") // callers without such a check
  void nullIsRefusedAtTheSender() {
    assertThatThrownBy(() -> end.send(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("message");
    assertThatThrownBy(() -> end.send(null, Duration.ZERO))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("message");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PIPE_NOT_FOUND", "SESSION_NOT_FOUND", "DAEMON_STOPPING"})
  void closingAnEndThatIsGoneSaysNothing(String reason) {
    pipes.refusal = reason;
    end.close();
  }

  @Test
  void closingAnEndWhoseDaemonOrClientIsGoneSaysNothing() throws Exception {
    daemon.die();
    end.close();
    wire.close();
    end.close();
  }

  @Test
  void closingAnEndTellsOfOtherRefusals() {
    pipes.refusal = "INTERNAL";
    assertThatThrownBy(end::close).isInstanceOf(ForkyardException.class).hasMessage("refused");
  }
}
