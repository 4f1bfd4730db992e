package dev.forkyard.server.queue;

import java.time.Instant;

/**
 * Why an item is a dead letter.
 *
 * @param reason what the taker said who gave it up; empty otherwise
 */
public record ItemDeath(Cause cause, String reason, Instant time) {

  /** Causes of death. */
  public enum Cause {
    CRASHES,
    RELEASES,
    GIVEN_UP
  }
}
