package dev.forkyard.client;

import dev.forkyard.client.internal.LocalDefaults;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StderrMode;
import dev.forkyard.v1.StdinMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A command to start. Immutable: each method answers a changed copy, and refuses a value that makes
 * no sense with an {@link IllegalArgumentException}.
 *
 * <p>Where nothing else is said, the process gets the caller's working directory and environment,
 * no input, and an output of its own for each of standard output and standard error.
 */
public final class ProcessSpec {
  private static final int LEAST_OUTPUT_BYTES = 65_536;

  /** What is asked for, without what the caller's own surroundings add. */
  private final StartProcessRequest request;

  private final boolean daemon;

  private ProcessSpec(StartProcessRequest request, boolean daemon) {
    this.request = request;
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
    CommandSpec command = CommandSpec.newBuilder().addAllArgv(argv).build();
    return new ProcessSpec(StartProcessRequest.newBuilder().setCommand(command).build(), false);
  }

  /**
   * Names the process; without that the daemon chooses an id.
   *
   * @param id the name, {@code [a-z0-9][a-z0-9._-]{0,62}}
   * @return the changed copy
   */
  public ProcessSpec id(String id) {
    return with(changed -> changed.setProcessId(id));
  }

  /**
   * Sets the working directory.
   *
   * @param directory the directory; a relative one starts from the caller's
   * @return the changed copy
   */
  public ProcessSpec cwd(Path directory) {
    return withCommand(changed -> changed.setCwd(directory.toAbsolutePath().toString()));
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
    return withCommand(changed -> changed.putAllEnv(variables));
  }

  /**
   * Starts from an empty environment instead of the caller's.
   *
   * @return the changed copy
   */
  public ProcessSpec clearEnv() {
    return withCommand(changed -> changed.setClearEnv(true));
  }

  /**
   * Says whether the process ends with the session of the caller; without that it lives until it
   * ends by itself, is stopped, or the daemon ends.
   *
   * @param endsWithSession whether it does
   * @return the changed copy
   */
  public ProcessSpec daemon(boolean endsWithSession) {
    return new ProcessSpec(request, endsWithSession);
  }

  /**
   * Sets the mask of the permissions of new files; without that it is the daemon's.
   *
   * @param octal the mask as a shell takes it, such as {@code "022"}
   * @return the changed copy
   */
  public ProcessSpec umask(String octal) {
    check(octal.matches("0?[0-7]{1,3}"), "a umask is octal, 0 to 777, such as 022, not " + octal);
    return withCommand(changed -> changed.setUmask(octal));
  }

  /**
   * Sets the soft limit of open files; without that it is the one with which the daemon was
   * started.
   *
   * @param files how many, at least 1
   * @return the changed copy
   */
  public ProcessSpec maxOpenFiles(int files) {
    check(files >= 1, "a process needs at least 1 open file, not " + files);
    return withCommand(changed -> changed.setMaxOpenFiles(files));
  }

  /**
   * Sets the niceness; without that it is the daemon's.
   *
   * @param niceness -20 to 19; less than the daemon's needs privileges
   * @return the changed copy
   */
  public ProcessSpec nice(int niceness) {
    check(niceness >= -20 && niceness <= 19, "niceness is -20 to 19, not " + niceness);
    return withCommand(changed -> changed.setNice(niceness));
  }

  /**
   * Gives the process an input that can be written to, see {@link ManagedProcess#stdin}; without
   * that it reads the end of file.
   *
   * @return the changed copy
   */
  public ProcessSpec pipeStdin() {
    return withCommand(changed -> changed.setStdin(StdinMode.STDIN_MODE_PIPE));
  }

  /**
   * Sends standard error into standard output, in the order of writing.
   *
   * @return the changed copy
   */
  public ProcessSpec mergeStderr() {
    return withCommand(changed -> changed.setStderr(StderrMode.STDERR_MODE_MERGED));
  }

  /**
   * Runs the program on a terminal of its own, which is its input and its output; all output is
   * standard output then.
   *
   * @param rows 1 to 65535
   * @param columns 1 to 65535
   * @return the changed copy
   */
  public ProcessSpec terminal(int rows, int columns) {
    TerminalSize size = new TerminalSize(rows, columns);
    return withCommand(changed -> changed.setTerminal(size.toProto()));
  }

  /**
   * Adds a label to find the process by, see {@link Processes#list(Map)}.
   *
   * @param key its key, {@code [a-z0-9][a-z0-9._-]{0,62}}; at most 32 keys
   * @param value its value, at most 256 bytes of UTF-8
   * @return the changed copy
   */
  public ProcessSpec label(String key, String value) {
    return with(changed -> changed.putLabels(key, value));
  }

  /**
   * Sets the first signal of a stop; without that it is TERM.
   *
   * @param name the signal, with or without {@code SIG}
   * @return the changed copy
   */
  public ProcessSpec stopSignal(String name) {
    check(!name.isBlank(), "the stop signal needs a name, such as INT");
    return with(changed -> changed.setStopSignal(name));
  }

  /**
   * Sets the time between the stop signal and KILL where a stop does not say; without that it is 10
   * seconds.
   *
   * @param grace how long; zero kills at once
   * @return the changed copy
   */
  public ProcessSpec stopGrace(Duration grace) {
    check(!grace.isNegative(), "the grace of a stop cannot be negative: " + grace);
    return with(changed -> changed.setStopGrace(Protos.duration(grace)));
  }

  /**
   * Sets the longest time that a run may take; then it is stopped with {@link ExitCause#TIMEOUT}.
   *
   * @param timeout how long, more than zero
   * @return the changed copy
   */
  public ProcessSpec runTimeout(Duration timeout) {
    check(
        !timeout.isNegative() && !timeout.isZero(),
        "a run needs more time than " + timeout + " to run");
    return with(changed -> changed.setRunTimeout(Protos.duration(timeout)));
  }

  /**
   * Sets the most bytes of output that are kept, both streams together; the oldest go first.
   * Without that it is the daemon's default.
   *
   * @param bytes how many, at least 65,536
   * @return the changed copy
   */
  public ProcessSpec outputLimit(long bytes) {
    check(
        bytes >= LEAST_OUTPUT_BYTES,
        "the output limit is at least " + LEAST_OUTPUT_BYTES + " bytes, not " + bytes);
    return with(changed -> changed.setOutputLimitBytes(bytes));
  }

  /** {@return the program and its arguments} */
  public List<String> argv() {
    return List.copyOf(request.getCommand().getArgvList());
  }

  /** {@return the name; empty if the daemon chooses one} */
  public String id() {
    return request.getProcessId();
  }

  /** {@return the working directory; empty for the caller's} */
  public Optional<Path> cwd() {
    String cwd = request.getCommand().getCwd();
    return cwd.isEmpty() ? Optional.empty() : Optional.of(Path.of(cwd));
  }

  /** {@return the variables that were set} */
  public Map<String, String> env() {
    return request.getCommand().getEnvMap();
  }

  /** {@return whether the environment starts empty} */
  public boolean clearsEnv() {
    return request.getCommand().getClearEnv();
  }

  /** {@return whether the process ends with the session} */
  public boolean isDaemon() {
    return daemon;
  }

  @Override
  public String toString() {
    return "ProcessSpec" + argv();
  }

  /**
   * Makes the request: with the caller's directory and environment where the specification leaves
   * them to it.
   */
  StartProcessRequest.Builder toRequest(String sessionId) {
    CommandSpec.Builder command = request.getCommand().toBuilder().setClearEnv(true);
    if (!clearsEnv()) {
      command.clearEnv().putAllEnv(LocalDefaults.env()).putAllEnv(env());
    }
    if (command.getCwd().isEmpty()) {
      command.setCwd(LocalDefaults.cwd().toString());
    }
    return request.toBuilder().setCommand(command).setOwnerSessionId(daemon ? sessionId : "");
  }

  private ProcessSpec with(Consumer<StartProcessRequest.Builder> change) {
    StartProcessRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new ProcessSpec(changed.build(), daemon);
  }

  private ProcessSpec withCommand(Consumer<CommandSpec.Builder> change) {
    CommandSpec.Builder changed = request.getCommand().toBuilder();
    change.accept(changed);
    check(
        !changed.hasTerminal() || (changed.getStdinValue() == 0 && changed.getStderrValue() == 0),
        "a terminal is the input and the output already; ask for it, or for a pipe and merged"
            + " output");
    return with(spec -> spec.setCommand(changed));
  }

  private static void check(boolean makesSense, String otherwise) {
    if (!makesSense) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
