package dev.forkyard.client;

import java.util.Map;

/**
 * The end of a queue: it is shut down, empty, and nobody holds an item that might come back. There
 * will never be another item. The counterpart of Python's {@code EOFError}.
 */
public final class QueueEndedException extends ForkyardException {
  private static final long serialVersionUID = 1;

  QueueEndedException(String queueId) {
    super(
        Code.OUT_OF_RANGE,
        "QUEUE_ENDED",
        "the queue " + queueId + " is shut down and everything in it was taken",
        Map.of("queue_id", queueId),
        false,
        null);
  }
}
