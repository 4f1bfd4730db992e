package dev.forkyard.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The future of an item. The daemon is told that the item was handed out before anybody can see it;
 * so who completes the future has to claim it first, and what was claimed cannot be cancelled.
 */
final class AsyncTake<T> extends CompletableFuture<T> {
  private final AtomicBoolean claimed = new AtomicBoolean();

  /** Whether nobody has completed it, or claimed to do so. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** Completes it for who has claimed it. */
  void deliver(T item) {
    super.complete(item);
  }

  @Override
  public boolean complete(T item) {
    return claim() && super.complete(item);
  }

  @Override
  public boolean completeExceptionally(Throwable error) {
    return claim() && super.completeExceptionally(error);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return claim() ? super.cancel(mayInterruptIfRunning) : isCancelled();
  }
}
