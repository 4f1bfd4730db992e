package dev.forkyard.server.queue;

/** A queue at one moment. */
public record QueueSnapshot(
    String id,
    QueueOptions options,
    String ownerSessionId,
    int ready,
    int leased,
    long readyBytes,
    boolean closed,
    int waitingTakers,
    int waitingPutters) {}
