package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.Direction.Message;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Keepers;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.Recorded;
import java.time.Duration;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sends, receives, polls and cancelled waits of several threads at once, and the end of an end:
 * whatever happens could have happened one after the other.
 */
@Tag("stress")
@Param(name = "value", gen = IntGen.class, conf = "0:3")
public class PipeLinearizabilityTest {
  private static final int BYTES = 4;

  private final MessagePipe pipe =
      new MessagePipe(
          "p",
          PipeOptions.of(2 * BYTES, false),
          new Keepers(new Owner(null)),
          (delay, action) -> () -> {},
          new WaiterLimit(100));
  private final Session sender = new Sessions(1).open();

  private record Value(int value) implements Payload {
    @Override
    public int sizeBytes() {
      return BYTES;
    }

    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private String send(int value, @Nullable Duration timeout) {
    List<Message> messages = List.of(new Message(new Value(value), Hold.NOTHING));
    return Recorded.<Done>inWords(
        timeout == null,
        reply -> pipe.send(Side.LEFT, sender, messages, timeout, reply),
        done -> "sent");
  }

  private String receive(@Nullable Duration timeout) {
    return Recorded.<Received>inWords(
        timeout == null,
        reply -> pipe.receive(Side.RIGHT, null, ReceiveRequest.of(1, 0, timeout), reply),
        received -> received.messages() + (received.end() ? " end" : ""));
  }

  private String poll(@Nullable Duration timeout) {
    return Recorded.<Polled>inWords(
        timeout == null,
        reply -> pipe.poll(Side.RIGHT, null, timeout, reply),
        polled -> (polled.readable() ? "readable" : "nothing") + (polled.end() ? " end" : ""));
  }

  @Operation
  public String sendNow(@Param(name = "value") int value) {
    return send(value, Duration.ZERO);
  }

  /** Waits, and cancels the wait at once. */
  @Operation
  public String sendOrCancel(@Param(name = "value") int value) {
    return send(value, null);
  }

  @Operation
  public String receiveNow() {
    return receive(Duration.ZERO);
  }

  /** Waits, and cancels the wait at once. */
  @Operation
  public String receiveOrCancel() {
    return receive(null);
  }

  @Operation
  public String pollNow() {
    return poll(Duration.ZERO);
  }

  /** Waits, and cancels the wait at once. */
  @Operation
  public String pollOrCancel() {
    return poll(null);
  }

  @Operation
  public String unread() {
    PipeSnapshot.EndSnapshot end = pipe.snapshot("").right();
    return end.unreadMessages() + " of " + end.unreadBytes() + " bytes";
  }

  @Operation(runOnce = true)
  public void closeSendingEnd() {
    pipe.close(Side.LEFT, sender);
  }

  @Operation(runOnce = true)
  public void closeReceivingEnd() {
    pipe.close(Side.RIGHT, null);
  }

  @Test
  void everyOutcomeIsThatOfSomeOrderUnderStress() {
    new StressOptions()
        .iterations(20)
        .invocationsPerIteration(1_000)
        .threads(3)
        .actorsPerThread(3)
        .check(PipeLinearizabilityTest.class);
  }
}
