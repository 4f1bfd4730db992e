package dev.forkyard.server.daemon;

import picocli.CommandLine;

/** Entry point of the daemon. */
public final class Main {
  private Main() {}

  /**
   * Runs the daemon until it is told to stop; exits with 0 then, and with 2 when it cannot start.
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new DaemonCommand()).execute(arguments));
  }
}
