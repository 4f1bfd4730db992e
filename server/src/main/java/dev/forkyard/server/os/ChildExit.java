package dev.forkyard.server.os;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a child ended. Exactly one of {@code code} and {@code signal} is there, unless somebody
 * outside took the status away from us: then none is.
 *
 * @param code exit code, 0 to 255
 * @param signal the signal that ended it
 * @param coreDumped true when that signal left a core dump
 * @param userTime processor time in user mode, its reaped children included
 * @param systemTime processor time in the kernel, its reaped children included
 * @param maxRssBytes largest resident memory
 * @param time when the daemon learnt it
 */
public record ChildExit(
    OptionalInt code,
    Optional<Signal> signal,
    boolean coreDumped,
    Duration userTime,
    Duration systemTime,
    long maxRssBytes,
    Instant time) {

  private static final int SIGNAL_BITS = 0x7f;
  private static final int CORE_BIT = 0x80;

  /** Reads a status of wait(2). */
  static ChildExit decode(
      int status, Duration user, Duration system, long maxRssBytes, Instant at) {
    int signal = status & SIGNAL_BITS;
    if (signal == 0) {
      OptionalInt code = OptionalInt.of((status >> 8) & 0xff);
      return new ChildExit(code, Optional.empty(), false, user, system, maxRssBytes, at);
    }
    return new ChildExit(
        OptionalInt.empty(),
        Signal.numbered(signal).or(() -> Optional.of(new Signal(signal, Integer.toString(signal)))),
        (status & CORE_BIT) != 0,
        user,
        system,
        maxRssBytes,
        at);
  }

  static ChildExit unknown(Instant at) {
    return new ChildExit(
        OptionalInt.empty(), Optional.empty(), false, Duration.ZERO, Duration.ZERO, 0, at);
  }
}
