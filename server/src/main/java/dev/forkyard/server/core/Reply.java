package dev.forkyard.server.core;

import java.util.function.Function;

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
   * already gone. Only the last action is kept.
   */
  void whenGone(Runnable action);

  /** The reply of nobody: whatever comes of the operation is learnt otherwise. */
  static <A> Reply<A> ignoring() {
    return new Reply<>() {
      @Override
      public void answer(A answer) {}

      @Override
      public void refuse(Fault fault) {}

      @Override
      public void whenGone(Runnable action) {}
    };
  }

  /** A reply for another kind of answer, which becomes an answer of this kind. */
  default <B> Reply<B> from(Function<B, A> translation) {
    Reply<A> target = this;
    return new Reply<>() {
      @Override
      public void answer(B answer) {
        target.answer(translation.apply(answer));
      }

      @Override
      public void refuse(Fault fault) {
        target.refuse(fault);
      }

      @Override
      public void whenGone(Runnable action) {
        target.whenGone(action);
      }
    };
  }
}
