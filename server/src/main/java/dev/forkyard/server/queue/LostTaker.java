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

  private static final int TIME_BYTES = 16;

  /** About what it takes, in memory and in a message. */
  int sizeBytes() {
    return sessionId.length() + processId.length() + how.length() + TIME_BYTES;
  }

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
