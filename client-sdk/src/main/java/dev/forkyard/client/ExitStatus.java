package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.ProcessExit;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a process ended. Either {@link #code} or {@link #signal} is present, so that {@code exit 137}
 * and being killed are told apart.
 *
 * @param code the exit code, 0 to 255; empty if a signal ended it
 * @param signal name of the signal that ended it, such as {@code KILL}; empty if it exited
 * @param coreDumped whether the signal left a core dump
 * @param cause who or what made it end
 * @param userTime processor time spent in user mode
 * @param systemTime processor time spent in the kernel
 * @param maxRssBytes largest resident memory, in bytes
 */
public record ExitStatus(
    OptionalInt code,
    Optional<String> signal,
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
    String how =
        signal.map(name -> "signal " + name).orElseGet(() -> "exit code " + code.orElse(-1));
    return how
        + (coreDumped ? " (core dumped)" : "")
        + (cause == ExitCause.SELF ? "" : ", " + cause);
  }

  static ExitStatus of(ProcessExit exit) {
    return new ExitStatus(
        exit.hasCode() ? OptionalInt.of(exit.getCode()) : OptionalInt.empty(),
        exit.hasSignal() ? Optional.of(exit.getSignal()) : Optional.empty(),
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
      case EXIT_CAUSE_SELF, EXIT_CAUSE_UNSPECIFIED, UNRECOGNIZED -> ExitCause.SELF;
    };
  }
}
