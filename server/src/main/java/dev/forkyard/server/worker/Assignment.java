package dev.forkyard.server.worker;

import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;

/**
 * Calls for a worker.
 *
 * @param number unique on the worker
 * @param first index of the first call to run; those before it are skipped
 * @param count how many calls the arguments hold, skipped ones included
 */
public record Assignment(
    int number, FunctionName function, int first, int count, Payload arguments) {}
