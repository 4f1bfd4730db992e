package dev.forkyard.server.pipe;

/** A pipe at one moment. */
public record PipeSnapshot(
    String id, PipeOptions options, String ownerSessionId, EndSnapshot left, EndSnapshot right) {

  /**
   * One end at one moment.
   *
   * @param gone it has had holders and has none left
   */
  public record EndSnapshot(int holders, boolean gone, int unreadMessages, long unreadBytes) {}
}
