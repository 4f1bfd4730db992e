package dev.forkyard.server.core;

/**
 * The caller's side of an operation that may wait. Exactly one of {@link #answer} and {@link
 * #refuse} takes effect; later ones are ignored. Both may be called from any thread, never under a
 * lock.
 */
public interface Reply<A> {

  void answer(A answer);

  void refuse(Fault fault);

  /**
   * Registers what to do when the caller goes away before it is answered. Runs at once when it has
   * already gone. At most one action is kept.
   */
  void whenGone(Runnable action);
}
