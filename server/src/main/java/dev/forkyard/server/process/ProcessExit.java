package dev.forkyard.server.process;

import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a run ended, and why. Exactly one of {@code code}, {@code signal} and {@code spawnError} is
 * there, unless the status was lost to somebody outside: then none is.
 *
 * @param run number of the run
 * @param code exit code, 0 to 255
 * @param signal name of the signal that ended it, such as {@code KILL}
 * @param spawnError why it did not even start
 * @param maxRssBytes largest resident memory
 */
public record ProcessExit(
    int run,
    OptionalInt code,
    Optional<String> signal,
    Optional<SpawnError> spawnError,
    boolean coreDumped,
    ExitCause cause,
    Duration userTime,
    Duration systemTime,
    long maxRssBytes,
    Instant time) {

  static ProcessExit of(int run, ChildExit facts, ExitCause cause) {
    return new ProcessExit(
        run,
        facts.code(),
        facts.signal().map(Signal::name),
        Optional.empty(),
        facts.coreDumped(),
        cause,
        facts.userTime(),
        facts.systemTime(),
        facts.maxRssBytes(),
        facts.time());
  }

  static ProcessExit notStarted(int run, SpawnError why, Instant time) {
    return new ProcessExit(
        run,
        OptionalInt.empty(),
        Optional.empty(),
        Optional.of(why),
        false,
        ExitCause.SPAWN_FAILED,
        Duration.ZERO,
        Duration.ZERO,
        0,
        time);
  }

  /** True for exit code 0. */
  public boolean isSuccess() {
    return code.orElse(-1) == 0;
  }

  /** In words, such as {@code exit code 3} or {@code signal KILL}. */
  public String inWords() {
    if (code.isPresent()) {
      return "exit code " + code.getAsInt();
    }
    return signal.map(name -> "signal " + name).orElse("unknown exit");
  }
}
