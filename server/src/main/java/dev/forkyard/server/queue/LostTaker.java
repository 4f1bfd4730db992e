package dev.forkyard.server.queue;

import dev.forkyard.server.session.Session;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A taker that had an item and is gone.
 *
 * @param sessionId its session; empty for a caller without one
 * @param processId its process; empty for a client
 * @param how how it was lost, in words
 */
public record LostTaker(String sessionId, String processId, String how, Instant time) {

  static LostTaker leaseRanOut(@Nullable Session session, Instant time) {
    return new LostTaker(
        session == null ? "" : session.id(),
        session == null ? "" : session.processId(),
        "its lease ran out",
        time);
  }

  static LostTaker ended(Session session, Instant time) {
    return new LostTaker(session.id(), session.processId(), session.ending().how(), time);
  }
}
