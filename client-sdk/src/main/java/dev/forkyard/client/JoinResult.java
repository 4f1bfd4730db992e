package dev.forkyard.client;

/**
 * What became of the items of a queue that {@linkplain RemoteQueue#join() are all done}.
 *
 * @param died how many of all that were ever put are {@linkplain RemoteQueue#deadLetters dead
 *     letters} or were dropped as such; those that were restored do not count
 */
public record JoinResult(long died) {}
