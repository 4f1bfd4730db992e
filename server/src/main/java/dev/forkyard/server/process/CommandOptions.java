package dev.forkyard.server.process;

import dev.forkyard.server.os.ChildAttributes;
import dev.forkyard.server.os.Stdio;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a program is executed, besides what is executed.
 *
 * @param umask mask of the permissions of new files; empty for the daemon's
 * @param maxOpenFiles soft limit of open files; empty for that with which the daemon was started
 * @param nice niceness, -20 to 19; empty for the daemon's
 * @param inputPipe standard input is a pipe, otherwise the null device
 * @param mergedOutput standard error goes into standard output
 * @param terminal size of a terminal that is all of its input and output; null for none
 */
public record CommandOptions(
    OptionalInt umask,
    OptionalLong maxOpenFiles,
    OptionalInt nice,
    boolean inputPipe,
    boolean mergedOutput,
    @Nullable TerminalSize terminal) {

  /** What the daemon has, no input, outputs apart. */
  public static final CommandOptions DEFAULT =
      new CommandOptions(
          OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), false, false, null);

  /** Size of a terminal, both 1 to 65,535. */
  public record TerminalSize(int rows, int columns) {}

  CommandOptions withNice(int niceness) {
    return new CommandOptions(
        umask, maxOpenFiles, OptionalInt.of(niceness), inputPipe, mergedOutput, terminal);
  }

  ChildAttributes attributes() {
    return new ChildAttributes(umask, maxOpenFiles, nice);
  }

  Stdio stdio() {
    return terminal == null
        ? new Stdio.Pipes(inputPipe, mergedOutput)
        : new Stdio.Terminal(terminal.rows(), terminal.columns());
  }
}
