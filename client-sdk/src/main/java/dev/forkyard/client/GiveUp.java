package dev.forkyard.client;

import java.util.Set;

/** Gives up what was held: a lease, an end of a pipe, a queue. */
final class GiveUp {
  /** Refusals that say that it is not held any more, and everything is where it belongs. */
  private static final Set<String> GONE =
      Set.of(
          "LEASE_LOST",
          "QUEUE_NOT_FOUND",
          "PIPE_NOT_FOUND",
          "SESSION_NOT_FOUND",
          "CLIENT_CLOSED",
          "CONNECTION_LOST",
          "DAEMON_STOPPING");

  private GiveUp() {}

  /** Gives something up that may be gone already, with its session or by somebody else. */
  static void ifHeld(Runnable giveUp) {
    try {
      giveUp.run();
    } catch (ForkyardException e) {
      if (!GONE.contains(e.reason())) {
        throw e;
      }
    }
  }
}
