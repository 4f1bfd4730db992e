package dev.forkyard.server.daemon;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of the daemon. */
public final class Main {
  private Main() {}

  /**
   * Runs the daemon until it is told to stop; exits with 0 then, and with 2 when it cannot start.
   */
  public static void main(String[] arguments) {
    System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
    CommandLine command = new CommandLine(new DaemonCommand());
    command.setParameterExceptionHandler(Main::refuse);
    command.setExecutionExceptionHandler(Main::explain);
    System.exit(command.execute(arguments));
  }

  /** Says what is wrong, which the whole help would push out of sight. */
  private static int refuse(ParameterException mistake, String[] arguments) {
    PrintWriter err = mistake.getCommandLine().getErr();
    err.println("forkyard: " + mistake.getMessage());
    UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("See forkyard daemon --help.");
    return DaemonCommand.CANNOT_START;
  }

  private static int explain(Exception failure, CommandLine command, ParseResult arguments) {
    command.getErr().println("forkyard: the daemon cannot start: " + failure);
    return DaemonCommand.CANNOT_START;
  }
}
