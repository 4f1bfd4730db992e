package dev.forkyard.server.queue;

/** A queue at one moment. */
public record QueueSnapshot(
    String id,
    QueueOptions options,
    String ownerSessionId,
    Counts counts,
    boolean closed,
    int waitingTakers,
    int waitingPutters) {

  /**
   * What a queue holds.
   *
   * @param droppedDeadLetters dead letters that were too many to be kept
   */
  public record Counts(
      int ready,
      long readyBytes,
      int leased,
      int deadLetters,
      long deadLetterBytes,
      long droppedDeadLetters) {}
}
