package dev.forkyard.server.daemon;

/** The daemon cannot start; the message is a sentence that says what to do. */
final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  StartFailure(String sentence) {
    super(sentence);
  }
}
