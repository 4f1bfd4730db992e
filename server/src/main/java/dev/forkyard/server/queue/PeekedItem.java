package dev.forkyard.server.queue;

import dev.forkyard.server.core.Payload;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An item at one moment, seen without being taken.
 *
 * @param crashes how many takers lost it
 * @param lastCrashes the last few of them, oldest first
 * @param death why it is a dead letter; null for one that is ready
 */
public record PeekedItem(
    long number,
    Payload payload,
    int priority,
    Map<String, String> attributes,
    int attempts,
    int releases,
    int crashes,
    List<LostTaker> lastCrashes,
    @Nullable ItemDeath death) {

  static PeekedItem of(Item item, @Nullable ItemDeath death) {
    return new PeekedItem(
        item.number,
        item.payload,
        item.priority,
        item.attributes,
        item.attempts(),
        item.releases(),
        item.crashes(),
        item.lastCrashes(),
        death);
  }
}
