package dev.forkyard.server.process;

import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a process ended, and why. Exactly one of {@code code} and {@code signal} is there, unless the
 * status was lost to somebody outside: then none is.
 *
 * @param code exit code, 0 to 255
 * @param signal name of the signal that ended it, such as {@code KILL}
 * @param maxRssBytes largest resident memory
 */
public record ProcessExit(
    OptionalInt code,
    Optional<String> signal,
    boolean coreDumped,
    ExitCause cause,
    Duration userTime,
    Duration systemTime,
    long maxRssBytes,
    Instant time) {

  static ProcessExit of(ChildExit facts, ExitCause cause) {
    return new ProcessExit(
        facts.code(),
        facts.signal().map(Signal::name),
        facts.coreDumped(),
        cause,
        facts.userTime(),
        facts.systemTime(),
        facts.maxRssBytes(),
        facts.time());
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
