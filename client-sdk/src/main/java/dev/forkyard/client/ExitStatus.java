package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ProcessExit;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a run of a process ended. Exactly one of {@link #code}, {@link #signal} and {@link
 * #spawnFailure} is present, so that {@code exit 137} and being killed are told apart.
 *
 * @param run number of the run that ended; the first is 1
 * @param code the exit code, 0 to 255
 * @param signal name of the signal that ended it, such as {@code KILL}
 * @param spawnFailure why it did not even start; only after a restart
 * @param coreDumped whether the signal left a core dump
 * @param cause who or what made it end
 * @param userTime processor time spent in user mode
 * @param systemTime processor time spent in the kernel
 * @param maxRssBytes largest resident memory, in bytes
 */
public record ExitStatus(
    int run,
    OptionalInt code,
    Optional<String> signal,
    Optional<SpawnFailure> spawnFailure,
    boolean coreDumped,
    ExitCause cause,
    Duration userTime,
    Duration systemTime,
    long maxRssBytes) {

  /** {@return whether the process exited with code 0} */
  public boolean success() {
    return code.isPresent() && code.getAsInt() == 0;
  }

  /**
   * {@return the end in words, such as {@code exit code 3} or {@code signal SEGV (core dumped)}}
   */
  @Override
  public String toString() {
    return (code.isPresent() ? "exit code " + code.getAsInt() : abnormal())
        + (coreDumped ? " (core dumped)" : "")
        + (cause == ExitCause.SELF ? "" : ", " + cause);
  }

  private String abnormal() {
    return signal
        .map(name -> "signal " + name)
        .or(() -> spawnFailure.map(failure -> "not started: " + failure.message()))
        .orElse("unknown");
  }

  static ExitStatus of(ProcessExit exit) {
    return new ExitStatus(
        exit.getRun(),
        exit.hasCode() ? OptionalInt.of(exit.getCode()) : OptionalInt.empty(),
        exit.hasSignal() ? Optional.of(exit.getSignal()) : Optional.empty(),
        exit.hasSpawnError()
            ? Optional.of(SpawnFailure.of(exit.getSpawnError()))
            : Optional.empty(),
        exit.getCoreDumped(),
        cause(exit),
        Protos.duration(exit.getUserTime()),
        Protos.duration(exit.getSystemTime()),
        exit.getMaxRssBytes());
  }

  private static ExitCause cause(ProcessExit exit) {
    return switch (exit.getCause()) {
      case EXIT_CAUSE_STOP_REQUESTED -> ExitCause.STOP_REQUESTED;
      case EXIT_CAUSE_SESSION_ENDED -> ExitCause.SESSION_ENDED;
      case EXIT_CAUSE_DAEMON_STOPPED -> ExitCause.DAEMON_STOPPED;
      case EXIT_CAUSE_POOL_TERMINATED -> ExitCause.POOL_TERMINATED;
      case EXIT_CAUSE_TIMEOUT -> ExitCause.TIMEOUT;
      case EXIT_CAUSE_RESTART_REQUESTED -> ExitCause.RESTART_REQUESTED;
      case EXIT_CAUSE_SPAWN_FAILED -> ExitCause.SPAWN_FAILED;
      case EXIT_CAUSE_CALL_CANCELLED -> ExitCause.CALL_CANCELLED;
      case EXIT_CAUSE_SELF, EXIT_CAUSE_UNSPECIFIED, UNRECOGNIZED -> ExitCause.SELF;
    };
  }
}
