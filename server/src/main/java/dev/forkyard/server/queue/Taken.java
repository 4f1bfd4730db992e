package dev.forkyard.server.queue;

import dev.forkyard.server.core.Payload;
import java.util.List;
import java.util.Map;

/**
 * The answer to a take.
 *
 * @param items in order
 * @param timedOut the time was over before an item came
 * @param end no item will ever come
 */
public record Taken(List<TakenItem> items, boolean timedOut, boolean end) {
  static final Taken TIMED_OUT = new Taken(List.of(), true, false);
  static final Taken END = new Taken(List.of(), false, true);

  /**
   * An item in the hands of its taker.
   *
   * @param token proves the lease; empty when the item was acknowledged at once
   * @param attempt how often the item was taken, this time included
   */
  public record TakenItem(
      String token,
      long number,
      Payload payload,
      int priority,
      Map<String, String> attributes,
      int attempt) {}
}
