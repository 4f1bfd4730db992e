package dev.forkyard.server.process;

import java.util.List;

/**
 * The answer to a stop.
 *
 * @param survivors pids of its group that could not be ended
 */
public record StopAnswer(ProcessSnapshot process, List<Integer> survivors) {}
