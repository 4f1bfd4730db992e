package dev.forkyard.server.process;

import dev.forkyard.server.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * Who started a process.
 *
 * @param sessionId its session; empty when none was named
 * @param processId the process whose session that is; empty when it is no process of this daemon
 */
public record Parent(String sessionId, String processId) {
  /** Nobody who said so. */
  public static final Parent NONE = new Parent("", "");

  /** The one with that session; nobody without. */
  public static Parent of(@Nullable Session session) {
    return session == null ? NONE : new Parent(session.id(), session.processId());
  }
}
