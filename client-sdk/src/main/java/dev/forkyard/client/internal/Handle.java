package dev.forkyard.client.internal;

/** A reference, inside a payload, to something that lives in the daemon. */
public sealed interface Handle {
  /**
   * A reference to a queue.
   *
   * @param queueId id of the queue
   */
  record Queue(String queueId) implements Handle {}

  /**
   * A reference to one end of a pipe.
   *
   * @param pipeId id of the pipe
   * @param side which of its ends
   */
  record PipeEnd(String pipeId, Side side) implements Handle {}

  /** Names of the two ends of a pipe, as they are written in JSON. */
  enum Side {
    /** The end that the creator usually keeps. */
    LEFT,
    /** The end that the creator usually gives away. */
    RIGHT
  }
}
