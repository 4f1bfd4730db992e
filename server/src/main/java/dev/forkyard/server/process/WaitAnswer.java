package dev.forkyard.server.process;

/**
 * The answer to a wait.
 *
 * @param timedOut the time was over before the process was
 */
public record WaitAnswer(ProcessSnapshot process, boolean timedOut) {}
