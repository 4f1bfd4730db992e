package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Fault;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver wants.
 *
 * @param most most messages
 * @param mostBytes longest message that is taken
 * @param timeout how long to wait for the first; null for ever
 */
public record ReceiveRequest(int most, int mostBytes, @Nullable Duration timeout) {
  private static final int MOST_MESSAGES = 10_000;

  /**
   * @param most 0 for 1
   * @param mostBytes 0 for any
   * @throws Fault INVALID_ARGUMENT
   */
  public static ReceiveRequest of(int most, int mostBytes, @Nullable Duration timeout) {
    if (most < 0 || most > MOST_MESSAGES) {
      throw Fault.invalid("max_messages", "max_messages must be 1 to 10000, or 0 for 1.")
          .with("value", most);
    }
    if (mostBytes < 0) {
      throw Fault.invalid(
              "max_bytes", "max_bytes must be 1 or more, or 0 for messages of any size.")
          .with("value", mostBytes);
    }
    return new ReceiveRequest(
        most == 0 ? 1 : most, mostBytes == 0 ? Integer.MAX_VALUE : mostBytes, timeout);
  }
}
