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
   * Counts a call that waits, or a stream that may stay open for ever.
   *
   * @throws Fault TOO_MANY_WAITERS
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

  /** Takes a call off the count. */
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
