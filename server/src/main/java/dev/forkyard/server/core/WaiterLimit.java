package dev.forkyard.server.core;

import java.util.concurrent.atomic.AtomicInteger;

/** Bounds the calls that wait, or follow something, in the whole daemon. Thread-safe. */
public final class WaiterLimit {
  private final int most;
  private final AtomicInteger waiting = new AtomicInteger();

  public WaiterLimit(int most) {
    this.most = most;
  }

  /**
   * Counts one more call; {@link #left} has to follow.
   *
   * @throws Fault TOO_MANY_WAITERS when there are too many
   */
  public void enter() {
    if (waiting.incrementAndGet() > most) {
      waiting.decrementAndGet();
      throw new Fault(
              Reason.TOO_MANY_WAITERS,
              most
                  + " calls are waiting already; wait for some of them, or use a timeout of \"0s\".")
          .with("limit", most);
    }
  }

  /** A call that was counted waits no more. */
  public void left() {
    waiting.decrementAndGet();
  }

  public int waiting() {
    return waiting.get();
  }

  public int most() {
    return most;
  }
}
