package dev.forkyard.server.worker;

import dev.forkyard.server.core.Payload;

/**
 * Results of consecutive calls.
 *
 * @param number of the assignment
 * @param first index of the first call
 */
public record Results(int number, int first, int count, Payload payload) {}
