package dev.forkyard.server.session;

/**
 * Keeps the target of a handle alive while the handle is in flight. Released exactly once, by
 * whoever has it.
 */
public interface Hold {

  /**
   * Makes a session a holder in its own right; the hold itself stays. Does nothing for a session
   * that has ended.
   */
  void shareWith(Session session);

  /** Ends the hold. */
  void release();

  /** Of no handle. */
  Hold NOTHING =
      new Hold() {
        @Override
        public void shareWith(Session session) {}

        @Override
        public void release() {}
      };
}
