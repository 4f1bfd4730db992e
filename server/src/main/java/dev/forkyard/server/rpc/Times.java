package dev.forkyard.server.rpc;

import com.google.protobuf.Timestamp;
import dev.forkyard.server.core.Fault;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Durations and instants on the wire and in the daemon. */
final class Times {
  /** Ten thousand years, which is what a duration on the wire may have. */
  private static final long MOST_SECONDS = 315_576_000_000L;

  private static final int MOST_NANOS = 999_999_999;

  private Times() {}

  /**
   * @throws Fault INVALID_ARGUMENT when it is negative or no duration
   */
  static Duration duration(String field, com.google.protobuf.Duration wire) {
    if (wire.getSeconds() < 0 || wire.getNanos() < 0) {
      throw Fault.invalid(
              field, field + " must not be negative; give \"0s\" or more, or leave it out.")
          .with("value", wire.getSeconds() + "s");
    }
    if (wire.getSeconds() > MOST_SECONDS || wire.getNanos() > MOST_NANOS) {
      throw Fault.invalid(
              field, field + " is no duration: seconds go to 315576000000, nanos to 999999999.")
          .with("value", wire.getSeconds() + "s");
    }
    return Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
  }

  /**
   * The field {@code timeout} of a request; null when it was not given.
   *
   * @throws Fault as {@link #duration}
   */
  static @Nullable Duration timeout(boolean given, com.google.protobuf.Duration wire) {
    return given ? duration("timeout", wire) : null;
  }

  static com.google.protobuf.Duration wire(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static Timestamp wire(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
