package dev.forkyard.server.os;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A signal of Linux.
 *
 * @param number 1 to 64
 * @param name without {@code SIG}: {@code TERM}, {@code RTMIN+3}
 */
public record Signal(int number, String name) {
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  /** First real-time signal that programs may use; the C library keeps 32 and 33 for itself. */
  private static final int RTMIN = 34;

  private static final int RTMAX = 64;

  /** Asks to end. */
  public static final Signal TERM = new Signal(15, "TERM");

  /** Ends without asking. */
  public static final Signal KILL = new Signal(9, "KILL");

  /** Stops until it goes on or is killed; no process can refuse. */
  static final Signal STOP = new Signal(19, "STOP");

  /** Goes on after STOP. */
  public static final Signal CONT = new Signal(18, "CONT");

  /** Finds a signal by name, with or without {@code SIG}, in any case; empty when there is none. */
  public static Optional<Signal> named(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("SIG") ? upper.substring(3) : upper;
    for (int number = 1; number <= RTMAX; number++) {
      Optional<Signal> signal = numbered(number);
      if (signal.isPresent() && signal.get().name().equals(bare)) {
        return signal;
      }
    }
    return Optional.empty();
  }

  /** Finds a signal by number; empty when there is none. */
  public static Optional<Signal> numbered(int number) {
    if (number >= 1 && number <= NAMES.size()) {
      return Optional.of(new Signal(number, NAMES.get(number - 1)));
    }
    if (number >= RTMIN && number <= RTMAX) {
      int offset = number - RTMIN;
      return Optional.of(new Signal(number, offset == 0 ? "RTMIN" : "RTMIN+" + offset));
    }
    return Optional.empty();
  }
}
