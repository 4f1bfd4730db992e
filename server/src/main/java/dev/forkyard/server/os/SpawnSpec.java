package dev.forkyard.server.os;

import java.util.List;
import java.util.Map;

/**
 * What to start. Text reaches the kernel as UTF-8 whatever the locale of the daemon.
 *
 * @param argv the program and its arguments; a program without a slash is looked up in the {@code
 *     PATH} of the child's environment
 * @param environment variables set on top of the daemon's own environment, which is passed on byte
 *     for byte, or of nothing
 * @param clearEnvironment true starts from nothing
 * @param cwd working directory; empty means that of the daemon
 * @param attributes umask, limit of open files, niceness
 * @param stdio what standard input, output and error are; a terminal without {@code TERM} in the
 *     environment gets {@code xterm-256color}
 * @param output where standard output and standard error are kept, after what is there already
 */
public record SpawnSpec(
    List<String> argv,
    Map<String, String> environment,
    boolean clearEnvironment,
    String cwd,
    ChildAttributes attributes,
    Stdio stdio,
    ProcessOutput output) {

  /** Copies the collections. */
  public SpawnSpec {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
  }
}
