package dev.forkyard.server.session;

/**
 * How a session ended.
 *
 * @param inOrder its client said so
 * @param how in words, such as {@code its process ended with exit code 1}
 */
public record Ending(boolean inOrder, String how) {
  /** The client has closed it. */
  public static final Ending CLOSED = new Ending(true, "its client closed it");

  /** The client is gone without a word. */
  public static final Ending BROKEN = new Ending(false, "the connection of its client broke");

  /** The daemon ends. */
  public static final Ending DAEMON_STOPS = new Ending(true, "the daemon stopped");

  /** Its process never ran, or the daemon gave it up. */
  public static final Ending GIVEN_UP = new Ending(true, "its process did not start");

  /** Its process has ended. */
  public static Ending ofProcess(String exit) {
    return new Ending(false, "its process ended with " + exit);
  }
}
