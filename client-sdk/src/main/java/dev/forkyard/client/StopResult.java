package dev.forkyard.client;

import dev.forkyard.v1.StopProcessResponse;
import java.util.List;

/**
 * What a stop came to.
 *
 * @param exit how the process ended
 * @param survivorPids pids of descendants that the stop has left: members of its group that were
 *     still there after KILL, normally none, and those that made a session of their own
 */
public record StopResult(ExitStatus exit, List<Integer> survivorPids) {
  /**
   * Copies the list.
   *
   * @param exit how the process ended
   * @param survivorPids pids of descendants that the stop has left
   */
  public StopResult {
    survivorPids = List.copyOf(survivorPids);
  }

  static StopResult of(StopProcessResponse answer) {
    return new StopResult(
        ExitStatus.of(answer.getProcess().getExit()), answer.getSurvivorPidsList());
  }
}
