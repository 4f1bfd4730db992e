package dev.forkyard.server.process;

import java.util.List;
import java.util.Map;

/**
 * A program to execute.
 *
 * @param cwd working directory; empty for that of the daemon
 * @param environment set on top of the daemon's environment, or of nothing
 * @param clearEnvironment starts from nothing
 * @param options how it is executed
 */
public record Command(
    List<String> argv,
    String cwd,
    Map<String, String> environment,
    boolean clearEnvironment,
    CommandOptions options) {

  /** About how much memory it takes. */
  long sizeBytes() {
    return argv.stream().mapToLong(String::length).sum()
        + environment.entrySet().stream()
            .mapToLong(entry -> entry.getKey().length() + (long) entry.getValue().length())
            .sum();
  }
}
