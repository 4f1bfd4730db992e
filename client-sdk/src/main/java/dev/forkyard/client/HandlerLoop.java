package dev.forkyard.client;

import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Has a handler work on the items of a queue until there will be no more. */
final class HandlerLoop<T> {
  private static final int LONGEST_PAUSE_MILLIS = 1_000;

  private final QueueTakes<T> queue;
  private final ItemHandler<? super T> handler;
  private final BiConsumer<? super Lease<T>, ? super Exception> onFailure;
  private final Pause pause;

  /** Waits before the next item is taken, when the handler has failed. */
  @FunctionalInterface
  interface Pause {
    /**
     * Waits.
     *
     * @param attempt how often the item on which it has failed was taken
     */
    void after(int attempt) throws InterruptedException;
  }

  HandlerLoop(
      QueueTakes<T> queue,
      ItemHandler<? super T> handler,
      BiConsumer<? super Lease<T>, ? super Exception> onFailure) {
    this(queue, handler, onFailure, attempt -> TimeUnit.MILLISECONDS.sleep(pauseMillis(attempt)));
  }

  HandlerLoop(
      QueueTakes<T> queue,
      ItemHandler<? super T> handler,
      BiConsumer<? super Lease<T>, ? super Exception> onFailure,
      Pause pause) {
    this.queue = queue;
    this.handler = handler;
    this.onFailure = onFailure;
    this.pause = pause;
  }

  /**
   * Nothing after the first attempt, and longer after each, so that a hopeless item burns little.
   */
  static long pauseMillis(int attempt) {
    return attempt <= 1 ? 0 : Math.min(LONGEST_PAUSE_MILLIS, 1L << Math.min(attempt - 2, 10));
  }

  void run() throws InterruptedException {
    for (Lease<T> next = next(); next != null; next = next()) {
      boolean done;
      try (Lease<T> lease = next) {
        done = handle(lease);
      }
      if (!done) {
        pause.after(next.attempt());
      }
    }
  }

  /** The next item; null at the end. An item that comes with an interrupt is not begun. */
  private @Nullable Lease<T> next() throws InterruptedException {
    Lease<T> lease;
    try {
      lease = queue.lease();
    } catch (QueueEndedException e) {
      return null;
    }
    if (Thread.interrupted()) {
      lease.returnUnused();
      throw new InterruptedException();
    }
    return lease;
  }

  /** Whether the handler has done it. */
  private boolean handle(Lease<T> lease) throws InterruptedException {
    try {
      handler.handle(lease.value());
    } catch (InterruptedException e) {
      lease.returnUnused();
      throw e;
    } catch (Exception e) {
      onFailure.accept(lease, e);
      return false;
    }
    lease.ack();
    return true;
  }
}
