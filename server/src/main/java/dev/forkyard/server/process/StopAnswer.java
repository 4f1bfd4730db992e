package dev.forkyard.server.process;

import java.util.List;
import java.util.stream.Stream;

/**
 * The answer to a stop.
 *
 * @param process as it was right after its end
 * @param survivors pids of its group that could not be ended, and of descendants elsewhere
 */
public record StopAnswer(ProcessSnapshot process, List<Integer> survivors) {

  StopAnswer withMore(List<Integer> others) {
    return new StopAnswer(
        process, Stream.concat(survivors.stream(), others.stream()).distinct().toList());
  }
}
