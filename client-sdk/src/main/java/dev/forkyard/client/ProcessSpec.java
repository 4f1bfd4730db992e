package dev.forkyard.client;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command to start. Immutable: each method answers a changed copy.
 *
 * <p>Where nothing else is said, the process gets the caller's working directory and environment.
 */
public final class ProcessSpec {
  private final List<String> argv;
  private final String id;
  private final Optional<Path> cwd;
  private final Map<String, String> env;
  private final boolean clearEnv;
  private final boolean daemon;

  private ProcessSpec(
      List<String> argv,
      String id,
      Optional<Path> cwd,
      Map<String, String> env,
      boolean clearEnv,
      boolean daemon) {
    this.argv = List.copyOf(argv);
    this.id = id;
    this.cwd = cwd;
    this.env = Map.copyOf(env);
    this.clearEnv = clearEnv;
    this.daemon = daemon;
  }

  /**
   * {@return the specification of a command}
   *
   * @param argv the program and its arguments; the program is a path, or a name that is looked up
   *     in the PATH of the process to be
   */
  public static ProcessSpec of(String... argv) {
    return of(List.of(argv));
  }

  /**
   * {@return the specification of a command}
   *
   * @param argv the program and its arguments; the program is a path, or a name that is looked up
   *     in the PATH of the process to be
   */
  public static ProcessSpec of(List<String> argv) {
    return new ProcessSpec(argv, "", Optional.empty(), Map.of(), false, false);
  }

  /**
   * Names the process; without that the daemon chooses an id.
   *
   * @param id the name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @return the changed copy
   */
  public ProcessSpec id(String id) {
    return new ProcessSpec(argv, id, cwd, env, clearEnv, daemon);
  }

  /**
   * Sets the working directory.
   *
   * @param directory the directory; a relative one starts from the caller's
   * @return the changed copy
   */
  public ProcessSpec cwd(Path directory) {
    return new ProcessSpec(
        argv, id, Optional.of(directory.toAbsolutePath()), env, clearEnv, daemon);
  }

  /**
   * Sets a variable of the environment.
   *
   * @param name its name
   * @param value its value
   * @return the changed copy
   */
  public ProcessSpec env(String name, String value) {
    return env(Map.of(name, value));
  }

  /**
   * Sets variables of the environment, on top of those set before.
   *
   * @param variables values by name
   * @return the changed copy
   */
  public ProcessSpec env(Map<String, String> variables) {
    Map<String, String> both = new HashMap<>(env);
    both.putAll(variables);
    return new ProcessSpec(argv, id, cwd, both, clearEnv, daemon);
  }

  /**
   * Starts from an empty environment instead of the caller's.
   *
   * @return the changed copy
   */
  public ProcessSpec clearEnv() {
    return new ProcessSpec(argv, id, cwd, env, true, daemon);
  }

  /**
   * {@return whether the process ends with this session} Without that it lives until it ends by
   * itself, is stopped, or the daemon ends.
   *
   * @param endsWithSession whether it does
   */
  public ProcessSpec daemon(boolean endsWithSession) {
    return new ProcessSpec(argv, id, cwd, env, clearEnv, endsWithSession);
  }

  /** {@return the program and its arguments} */
  public List<String> argv() {
    return argv;
  }

  /** {@return the name; empty if the daemon chooses one} */
  public String id() {
    return id;
  }

  /** {@return the working directory; empty for the caller's} */
  public Optional<Path> cwd() {
    return cwd;
  }

  /** {@return the variables that were set} */
  public Map<String, String> env() {
    return env;
  }

  /** {@return whether the environment starts empty} */
  public boolean clearsEnv() {
    return clearEnv;
  }

  /** {@return whether the process ends with the session} */
  public boolean isDaemon() {
    return daemon;
  }

  @Override
  public String toString() {
    return "ProcessSpec" + argv;
  }
}
