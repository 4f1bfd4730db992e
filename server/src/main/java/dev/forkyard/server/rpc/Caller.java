package dev.forkyard.server.rpc;

import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who calls an operation, and over what.
 *
 * @param streamSession the session of the session stream; null for a unary call
 */
record Caller(Sessions sessions, @Nullable Session streamSession) {
  /** How long items are leased to callers without a session that do not say. */
  static final Duration UNARY_LEASE = Duration.ofSeconds(30);

  /** The session that a request names, or that of the stream. */
  @Nullable Session session(String sessionId) {
    return sessionId.isEmpty() ? streamSession : sessions.get(sessionId);
  }

  /** How long items are leased where the request does not say. Null is for ever. */
  @Nullable Duration defaultLease() {
    return streamSession == null ? UNARY_LEASE : null;
  }
}
