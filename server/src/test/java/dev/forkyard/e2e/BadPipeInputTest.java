package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What makes no sense is refused in words that say what to do, and the pipe goes on. */
@Timeout(120)
class BadPipeInputTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);
  private static final Duration NEVER = Duration.ofSeconds(Long.MIN_VALUE);

  private Pipe<String> pipe;

  @BeforeEach
  void create() throws Exception {
    pipe = YARD.get().pipes().create(String.class);
    pipe.left().send("first");
  }

  @AfterEach
  void pipeGoesOn() throws Exception {
    pipe.left().send("second");
    assertThat(pipe.right().receive()).isEqualTo("first");
    assertThat(pipe.right().receive()).isEqualTo("second");
    assertThat(pipe.right().poll()).isFalse();
    assertThat(pipe.left().poll()).isFalse();
  }

  @Test
  void capacities() {
    for (long bytes : List.of(0L, -1L, Long.MIN_VALUE)) {
      assertThatThrownBy(() -> PipeOptions.defaults().capacityBytes(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 1 byte, not " + bytes);
    }
    PipeOptions huge = PipeOptions.defaults().simplex().capacityBytes(Long.MAX_VALUE);
    assertRefused(
        "INVALID_ARGUMENT",
        () -> YARD.get().pipes().create(String.class, huge),
        "capacity_bytes",
        "1073741824");
  }

  @Test
  void lengths() {
    for (int bytes : List.of(0, -1, Integer.MIN_VALUE)) {
      assertThatThrownBy(() -> pipe.right().receiveAtMost(bytes))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 1 byte, not " + bytes);
      assertThatThrownBy(() -> pipe.right().receiveAtMost(bytes, LONG))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void timeouts() throws Exception {
    assertThat(pipe.right().poll(FOREVER)).isTrue();
    assertThat(pipe.right().poll(NEVER)).isTrue();
    assertThat(pipe.left().poll(NEVER)).isFalse();
    assertThat(pipe.left().receive(NEVER)).isEmpty();
    assertThat(pipe.left().receiveAtMost(1, NEVER)).isEmpty();
    pipe.right().send("x", NEVER);
    assertThat(pipe.left().receiveAtMost(3, FOREVER)).hasValue("x");
  }

  @Test
  @SuppressWarnings("NullAway") // callers without such a check
  void messagesThatAreNone() {
    assertThatThrownBy(() -> pipe.left().send(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> pipe.left().trySend(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void pipeThatIsGone() {
    Pipe<String> gone = YARD.get().pipes().create(String.class);
    gone.delete();
    assertRefused("PIPE_NOT_FOUND", () -> gone.left().send("x"));
    assertRefused("PIPE_NOT_FOUND", gone.left()::receive);
    assertRefused("PIPE_NOT_FOUND", gone.left()::poll);
    assertRefused("PIPE_NOT_FOUND", gone::delete);
    gone.left().close();
  }
}
