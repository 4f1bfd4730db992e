package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.CommandOptions;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.StderrMode;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.Terminal;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads commands from requests. */
final class Commands {
  private static final Pattern UMASK = Pattern.compile("0?[0-7]{1,3}");
  private static final int NICEST = 19;
  private static final int LEAST_NICE = -20;
  private static final int MOST_ROWS_OR_COLUMNS = 65_535;

  private Commands() {}

  /**
   * Reads a command.
   *
   * @throws Fault INVALID_ARGUMENT with the field named
   */
  static Command of(CommandSpec spec) {
    CommandOptions options =
        new CommandOptions(
            umask(spec.getUmask()),
            maxOpenFiles(spec.getMaxOpenFiles()),
            nice(spec),
            hasInput(spec.getStdin()),
            isMerged(spec.getStderr()),
            terminal(spec));
    return new Command(
        spec.getArgvList(), spec.getCwd(), spec.getEnvMap(), spec.getClearEnv(), options);
  }

  private static OptionalInt umask(String octal) {
    if (octal.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!UMASK.matcher(octal).matches()) {
      throw Fault.invalid(
          "command.umask", "command.umask must be three octal digits, such as \"022\".");
    }
    return OptionalInt.of(Integer.parseInt(octal, 8));
  }

  private static OptionalLong maxOpenFiles(int wanted) {
    if (wanted < 0) {
      throw Fault.invalid(
              "command.max_open_files",
              "command.max_open_files must not be negative; leave it out for the daemon's limit.")
          .with("value", wanted);
    }
    return wanted == 0 ? OptionalLong.empty() : OptionalLong.of(wanted);
  }

  private static OptionalInt nice(CommandSpec spec) {
    if (!spec.hasNice()) {
      return OptionalInt.empty();
    }
    if (spec.getNice() < LEAST_NICE || spec.getNice() > NICEST) {
      throw Fault.invalid("command.nice", "command.nice must be -20 to 19.")
          .with("value", spec.getNice());
    }
    return OptionalInt.of(spec.getNice());
  }

  private static boolean hasInput(StdinMode mode) {
    return switch (mode) {
      case STDIN_MODE_UNSPECIFIED, STDIN_MODE_NONE -> false;
      case STDIN_MODE_PIPE -> true;
      case UNRECOGNIZED ->
          throw Fault.invalid(
              "command.stdin", "command.stdin must be STDIN_MODE_NONE or STDIN_MODE_PIPE.");
    };
  }

  private static boolean isMerged(StderrMode mode) {
    return switch (mode) {
      case STDERR_MODE_UNSPECIFIED, STDERR_MODE_APART -> false;
      case STDERR_MODE_MERGED -> true;
      case UNRECOGNIZED ->
          throw Fault.invalid(
              "command.stderr", "command.stderr must be STDERR_MODE_APART or STDERR_MODE_MERGED.");
    };
  }

  private static @Nullable TerminalSize terminal(CommandSpec spec) {
    if (!spec.hasTerminal()) {
      return null;
    }
    if (spec.getStdin() != StdinMode.STDIN_MODE_UNSPECIFIED) {
      throw Fault.invalid(
          "command.stdin", "The terminal is the input: leave out command.stdin, or the terminal.");
    }
    if (spec.getStderr() != StderrMode.STDERR_MODE_UNSPECIFIED) {
      throw Fault.invalid(
          "command.stderr",
          "The terminal takes all output: leave out command.stderr, or the terminal.");
    }
    return size("command.terminal", spec.getTerminal());
  }

  /**
   * Reads the size of a terminal, 24 rows and 80 columns where it does not say.
   *
   * @throws Fault INVALID_ARGUMENT with the field named
   */
  static TerminalSize size(String field, Terminal terminal) {
    return new TerminalSize(
        extent(field + ".rows", terminal.getRows(), 24),
        extent(field + ".columns", terminal.getColumns(), 80));
  }

  private static int extent(String field, int wanted, int usual) {
    if (wanted < 0 || wanted > MOST_ROWS_OR_COLUMNS) {
      throw Fault.invalid(field, field + " must be 1 to 65535, or 0 for " + usual + ".")
          .with("value", wanted);
    }
    return wanted == 0 ? usual : wanted;
  }
}
