package dev.forkyard.server.queue;

/**
 * The answer to a wait for the end of all items.
 *
 * @param unfinished items that are ready or leased
 * @param died items that have become dead letters and were not restored
 */
public record Drained(boolean timedOut, int unfinished, long died) {}
