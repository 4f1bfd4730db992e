package dev.forkyard.server.session;

import org.jspecify.annotations.Nullable;

/**
 * What a thing ends with: a session, or nothing. Immutable.
 *
 * @param session the owner; null for a thing that lives until it is ended by name
 */
public record Owner(@Nullable Session session) {

  public String sessionId() {
    return session == null ? "" : session.id();
  }

  /** Lets a thing end with its owner. */
  public void endsWithIt(Object thing, Runnable end) {
    if (session != null) {
      session.onEnd(thing, end);
    }
  }

  /** Tells the owner that the thing has ended by itself. */
  public void ended(Object thing) {
    if (session != null) {
      session.forget(thing);
    }
  }
}
