package dev.forkyard.client;

import java.util.concurrent.CompletableFuture;

/** A future of the JDK that can be waited for together with other things. */
final class WaitableStage implements Waitable {
  private final CompletableFuture<?> future;

  WaitableStage(CompletableFuture<?> future) {
    this.future = future;
  }

  Readiness readiness() {
    return Readiness.of(future);
  }

  @Override
  public String toString() {
    return "Waitable[" + future + "]";
  }
}
