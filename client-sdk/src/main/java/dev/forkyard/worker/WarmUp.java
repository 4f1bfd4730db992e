package dev.forkyard.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls that bring in what the calls of users need. The daemon assigns them like all others; what
 * they return does not matter.
 */
final class WarmUp {
  private static final String SDK = "dev.forkyard.client.Forkyard";

  /** Values of the types that functions use most. */
  record Values(
      int count,
      long bytes,
      double share,
      boolean done,
      String text,
      List<String> list,
      Map<String, Long> map,
      Optional<Instant> time,
      Duration duration) {}

  private WarmUp() {}

  /** Loads the codec, with the types that functions use most. */
  static List<Values> codec(List<Values> values) {
    return values;
  }

  /**
   * As {@link #codec}, then connects to the daemon as code of users does, so that an archive of the
   * classes that are loaded holds the SDK too. Does without it where the SDK is not on the class
   * path.
   */
  static List<Values> everything(List<Values> values) {
    try {
      Object yard = Class.forName(SDK).getMethod("connect").invoke(null);
      ((AutoCloseable) yard).close();
    } catch (Exception | LinkageError without) {
      return List.of();
    }
    return values;
  }
}
