package dev.forkyard.server.session;

/**
 * Keeps the target of a handle alive while the handle is in flight. Released exactly once, by
 * whoever has it; or revoked, when what the handle is in was refused.
 */
public interface Hold {

  /**
   * Makes a session a holder in its own right; the hold itself stays. Does nothing for a session
   * that has ended.
   */
  void shareWith(Session session);

  /**
   * From now on it is that of a handle in a result, which is kept after it was read, and keeps the
   * target. An end of a pipe is held by it only until the result is shared with somebody, or
   * somebody begins to use the end.
   */
  default void offer() {}

  /** Ends the hold. */
  void release();

  /**
   * Ends the hold of a handle that was never in flight, because what it is in was refused: nothing
   * is as if somebody had been going to get it.
   */
  default void revoke() {
    release();
  }

  /** Of no handle. */
  Hold NOTHING =
      new Hold() {
        @Override
        public void shareWith(Session session) {}

        @Override
        public void release() {}
      };
}
