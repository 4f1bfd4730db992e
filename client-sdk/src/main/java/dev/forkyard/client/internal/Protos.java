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

  /** Turns a wait into its message; a negative one does not wait. */
  public static Duration duration(java.time.Duration wait) {
    if (wait.isNegative()) {
      return Duration.getDefaultInstance();
    }
    if (wait.getSeconds() >= LONGEST_SECONDS) {
      return Duration.newBuilder().setSeconds(LONGEST_SECONDS).build();
    }
    return Duration.newBuilder().setSeconds(wait.getSeconds()).setNanos(wait.getNano()).build();
  }

  /** Turns a message into a duration. */
  public static java.time.Duration duration(Duration duration) {
    return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  /** Turns a message into a time. */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** Turns an encoded value into its message. */
  public static Payload payload(Encoded encoded) {
    Payload.Builder payload = Payload.newBuilder().setJson(encoded.json());
    for (Handle handle : encoded.handles()) {
      payload.addHandles(handle(handle));
    }
    return payload.build();
  }

  /** Turns the name of a function into its message. */
  public static Function function(FunctionReference reference) {
    return Function.newBuilder()
        .setName(reference.name())
        .setSignature(reference.signature())
        .build();
  }

  /** Turns the name of a pipe's end into its message. */
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
