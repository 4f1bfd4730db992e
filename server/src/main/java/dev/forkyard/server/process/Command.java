package dev.forkyard.server.process;

import dev.forkyard.server.os.ProcessOutput;
import dev.forkyard.server.os.SpawnSpec;
import java.util.HashMap;
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

  /**
   * What is to be started.
   *
   * @param address how the child reaches the daemon
   * @param sessionId its session; empty for none
   */
  SpawnSpec spawnSpec(String address, String sessionId, ProcessOutput output) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put(ProcessManager.ADDRESS_VARIABLE, address);
    if (sessionId.isEmpty()) {
      variables.remove(ProcessManager.SESSION_VARIABLE);
    } else {
      variables.put(ProcessManager.SESSION_VARIABLE, sessionId);
    }
    return new SpawnSpec(
        argv, variables, clearEnvironment, cwd, options.attributes(), options.stdio(), output);
  }

  /** The same with a niceness of 0 to 19. */
  public Command withNice(int nice) {
    return new Command(argv, cwd, environment, clearEnvironment, options.withNice(nice));
  }

  /** About how much memory it takes. */
  long sizeBytes() {
    return argv.stream().mapToLong(String::length).sum()
        + environment.entrySet().stream()
            .mapToLong(entry -> entry.getKey().length() + (long) entry.getValue().length())
            .sum();
  }
}
