package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to see of a queue.
 *
 * @param most most items, at least 1
 * @param timeout how long to wait for the first; null for ever
 * @param deadLetters the dead letters instead of what is ready; they are not waited for
 * @param after what to go on after
 */
public record PeekRequest(int most, @Nullable Duration timeout, boolean deadLetters, Place after) {
  private static final int MOST_ITEMS = 1_000;

  public PeekRequest {
    if (most < 1 || most > MOST_ITEMS) {
      throw Fault.invalid("max_items", "max_items must be 1 to 1000, or 0 for 1.")
          .with("value", most);
    }
  }
}
