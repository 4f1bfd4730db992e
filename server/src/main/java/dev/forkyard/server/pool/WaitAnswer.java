package dev.forkyard.server.pool;

/**
 * What a wait for the end of a pool came to.
 *
 * @param timedOut the time was over first
 */
public record WaitAnswer(PoolSnapshot pool, boolean timedOut) {}
