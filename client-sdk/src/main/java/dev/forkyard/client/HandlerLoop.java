package dev.forkyard.client;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Has a handler work on the items of a queue until there will be no more. */
final class HandlerLoop<T> {
  private final QueueTakes<T> queue;
  private final ItemHandler<? super T> handler;
  private final BiConsumer<? super Lease<T>, ? super Exception> onFailure;

  HandlerLoop(
      QueueTakes<T> queue,
      ItemHandler<? super T> handler,
      BiConsumer<? super Lease<T>, ? super Exception> onFailure) {
    this.queue = queue;
    this.handler = handler;
    this.onFailure = onFailure;
  }

  void run() throws InterruptedException {
    for (Lease<T> next = next(); next != null; next = next()) {
      try (Lease<T> lease = next) {
        handle(lease);
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

  private void handle(Lease<T> lease) throws InterruptedException {
    try {
      handler.handle(lease.value());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      onFailure.accept(lease, e);
      return;
    }
    lease.ack();
  }
}
