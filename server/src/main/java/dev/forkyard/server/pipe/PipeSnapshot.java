package dev.forkyard.server.pipe;

/** A pipe at one moment. */
public record PipeSnapshot(
    String id, PipeOptions options, String ownerSessionId, EndSnapshot left, EndSnapshot right) {

  /**
   * One end at one moment.
   *
   * @param gone nobody has it, and nobody will ever again
   */
  public record EndSnapshot(int holders, boolean gone, int unreadMessages, long unreadBytes) {}
}
