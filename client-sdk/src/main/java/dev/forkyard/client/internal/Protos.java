package dev.forkyard.client.internal;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeEndHandle;
import dev.forkyard.v1.PipeSide;
import java.time.Instant;

/** Turns Java values into messages and back. */
public final class Protos {
  private static final long LONGEST_SECONDS = 315_576_000_000L;

  private Protos() {}

  /**
   * {@return the message of a wait; a negative one does not wait}
   *
   * @param wait how long to wait
   */
  public static Duration duration(java.time.Duration wait) {
    if (wait.isNegative()) {
      return Duration.getDefaultInstance();
    }
    if (wait.getSeconds() >= LONGEST_SECONDS) {
      return Duration.newBuilder().setSeconds(LONGEST_SECONDS).build();
    }
    return Duration.newBuilder().setSeconds(wait.getSeconds()).setNanos(wait.getNano()).build();
  }

  /**
   * {@return the duration in a message}
   *
   * @param duration the message
   */
  public static java.time.Duration duration(Duration duration) {
    return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  /**
   * {@return the time in a message}
   *
   * @param time the message
   */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /**
   * {@return the message of an encoded value}
   *
   * @param encoded the value
   */
  public static Payload payload(Encoded encoded) {
    Payload.Builder payload = Payload.newBuilder().setJson(encoded.json());
    for (Handle handle : encoded.handles()) {
      payload.addHandles(handle(handle));
    }
    return payload.build();
  }

  /**
   * {@return the message that names a function}
   *
   * @param reference the function
   */
  public static Function function(FunctionReference reference) {
    return Function.newBuilder()
        .setName(reference.name())
        .setSignature(reference.signature())
        .build();
  }

  /**
   * {@return the message that names an end of a pipe}
   *
   * @param side the end
   */
  public static PipeSide side(Handle.Side side) {
    return side == Handle.Side.LEFT ? PipeSide.PIPE_SIDE_LEFT : PipeSide.PIPE_SIDE_RIGHT;
  }

  private static dev.forkyard.v1.Handle handle(Handle handle) {
    dev.forkyard.v1.Handle.Builder message = dev.forkyard.v1.Handle.newBuilder();
    if (handle instanceof Handle.PipeEnd end) {
      message.setPipeEnd(
          PipeEndHandle.newBuilder().setPipeId(end.pipeId()).setSide(side(end.side())));
    } else if (handle instanceof Handle.Queue queue) {
      message.setQueueId(queue.queueId());
    }
    return message.build();
  }
}
