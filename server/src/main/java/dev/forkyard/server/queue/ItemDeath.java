package dev.forkyard.server.queue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Why an item is a dead letter.
 *
 * @param reason what the taker said who gave it up; empty otherwise
 */
public record ItemDeath(Cause cause, String reason, Instant time) {

  /** The size of the reason in a message. */
  int sizeBytes() {
    return reason.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Causes of death. */
  public enum Cause {
    CRASHES,
    RELEASES,
    GIVEN_UP
  }
}
