package dev.forkyard.client;

import dev.forkyard.v1.StopProcessResponse;
import java.util.List;

/**
 * What a stop came to.
 *
 * @param exit how the process ended
 * @param survivorPids pids of members of its group that were still there after KILL, because the
 *     kernel held them; normally none
 */
public record StopResult(ExitStatus exit, List<Integer> survivorPids) {
  /**
   * Copies the list.
   *
   * @param exit how the process ended
   * @param survivorPids pids of members of its group that were still there after KILL
   */
  public StopResult {
    survivorPids = List.copyOf(survivorPids);
  }

  static StopResult of(StopProcessResponse answer) {
    return new StopResult(
        ExitStatus.of(answer.getProcess().getExit()), answer.getSurvivorPidsList());
  }
}
