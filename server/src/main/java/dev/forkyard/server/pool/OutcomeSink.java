package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;

/**
 * Where the outcomes of one run go. Called from many threads, never under a lock of the pool; must
 * not wait.
 */
public interface OutcomeSink {

  /** Consecutive calls of a chunk returned. */
  void results(int chunk, int first, int count, Payload results);

  /** One call of a chunk failed. */
  void failure(int chunk, int index, Failure failure);

  /**
   * Consecutive calls of a chunk failed for the same reason. Only the first carries the evidence
   * unless a sink does otherwise.
   */
  default void failures(int chunk, int first, int count, Failure failure) {
    Failure bare = failure.bare();
    for (int index = first; index < first + count; index++) {
      failure(chunk, index, index == first ? failure : bare);
    }
  }

  /** A chunk is answered whole; there is room for another. */
  void chunkDone();

  /** Every chunk is answered and no more will come. */
  void finished();
}
