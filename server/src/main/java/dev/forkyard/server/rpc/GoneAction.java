package dev.forkyard.server.rpc;

import java.util.concurrent.atomic.AtomicReference;

/** What to do when a caller goes away, which may have happened already. Thread-safe. */
@SuppressWarnings("UnnecessaryLambda") // the constants are told apart by identity
final class GoneAction {
  private static final Runnable NOTHING = () -> {};
  private static final Runnable GONE = () -> {};

  private final AtomicReference<Runnable> action = new AtomicReference<>(NOTHING);

  /** Sets the action, in place of the one before; runs it at once when the caller has gone. */
  void set(Runnable newAction) {
    if (action.getAndUpdate(now -> now == GONE ? GONE : newAction) == GONE) {
      newAction.run();
    }
  }

  /** The caller goes away. */
  void fire() {
    action.getAndSet(GONE).run();
  }
}
