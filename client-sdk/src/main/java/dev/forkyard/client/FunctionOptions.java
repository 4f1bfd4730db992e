package dev.forkyard.client;

import dev.forkyard.client.internal.LocalDefaults;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.StartProcessRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a process that runs a function is started, see {@link Processes#with}. Immutable: each method
 * answers a changed copy, and refuses a value that makes no sense with an {@link
 * IllegalArgumentException}.
 *
 * <p>The process has the caller's class path, Java, working directory and environment.
 */
public final class FunctionOptions {
  private static final FunctionOptions DEFAULTS =
      new FunctionOptions(StartProcessRequest.getDefaultInstance(), List.of(), Map.of(), false);

  private final StartProcessRequest request;
  private final List<String> jvmFlags;
  private final Map<String, String> env;
  private final boolean daemon;

  private FunctionOptions(
      StartProcessRequest request, List<String> jvmFlags, Map<String, String> env, boolean daemon) {
    this.request = request;
    this.jvmFlags = jvmFlags;
    this.env = env;
    this.daemon = daemon;
  }

  /** {@return options that say nothing} */
  public static FunctionOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Names the process; without that the daemon chooses an id.
   *
   * @param id the name, {@code [a-z0-9][a-z0-9._-]{0,62}}; one process at a time has it
   * @return the changed copy
   */
  public FunctionOptions id(String id) {
    return with(changed -> changed.setProcessId(id));
  }

  /**
   * Says whether the process ends with the session of the caller; without that it lives until it
   * ends by itself, is stopped, or the daemon ends.
   *
   * @param endsWithSession whether it does
   * @return the changed copy
   */
  public FunctionOptions daemon(boolean endsWithSession) {
    return new FunctionOptions(request, jvmFlags, env, endsWithSession);
  }

  /**
   * Adds a label to find the process by, see {@link Processes#list(Map)}.
   *
   * @param key its key, {@code [a-z0-9][a-z0-9._-]{0,62}}; at most 32 keys
   * @param value its value, at most 256 bytes of UTF-8
   * @return the changed copy
   */
  public FunctionOptions label(String key, String value) {
    return with(changed -> changed.putLabels(key, value));
  }

  /**
   * Sets variables of the environment, instead of those set before, on top of the caller's.
   *
   * @param variables values by name
   * @return the changed copy
   */
  public FunctionOptions env(Map<String, String> variables) {
    return new FunctionOptions(request, jvmFlags, Map.copyOf(variables), daemon);
  }

  /**
   * Sets the flags of the virtual machine.
   *
   * @param flags the flags, such as {@code -Xmx256m}
   * @return the changed copy
   */
  public FunctionOptions jvmFlags(String... flags) {
    return new FunctionOptions(request, List.of(flags), env, daemon);
  }

  /**
   * Sets the longest time that the function may take, the start of its process included; then it is
   * stopped with {@link ExitCause#TIMEOUT}.
   *
   * @param timeout how long, more than zero
   * @return the changed copy
   */
  public FunctionOptions runTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("a run needs more time than " + timeout + " to run");
    }
    return with(changed -> changed.setRunTimeout(Protos.duration(timeout)));
  }

  /** Makes the request, without the function and its arguments. */
  StartProcessRequest.Builder toRequest(String sessionId) {
    StartProcessRequest.Builder start =
        request.toBuilder().setOwnerSessionId(daemon ? sessionId : "");
    try {
      start.getFunctionBuilder().setWorker(LocalDefaults.worker(jvmFlags, env));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
    return start;
  }

  private FunctionOptions with(Consumer<StartProcessRequest.Builder> change) {
    StartProcessRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new FunctionOptions(changed.build(), jvmFlags, env, daemon);
  }
}
