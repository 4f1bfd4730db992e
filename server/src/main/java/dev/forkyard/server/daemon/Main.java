package dev.forkyard.server.daemon;

import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Entry point of the daemon. */
public final class Main {
  private Main() {}

  /**
   * Runs the daemon until it is told to stop; exits with 0 then, and with 2 when it cannot start.
   */
  public static void main(String[] arguments) {
    System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
    CommandLine command = new CommandLine(new DaemonCommand());
    command.setExecutionExceptionHandler(Main::explain);
    System.exit(command.execute(arguments));
  }

  private static int explain(Exception failure, CommandLine command, ParseResult arguments) {
    command.getErr().println("forkyard: the daemon cannot start: " + failure);
    return DaemonCommand.CANNOT_START;
  }
}
