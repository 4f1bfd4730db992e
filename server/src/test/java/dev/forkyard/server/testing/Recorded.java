package dev.forkyard.server.testing;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import java.util.concurrent.CompletableFuture;

/** The reply of a call without a transport: completes once, and can go away. */
public final class Recorded<A> implements Reply<A> {
  private final CompletableFuture<A> outcome = new CompletableFuture<>();
  private Runnable gone = () -> {};

  @Override
  public void answer(A answer) {
    if (!outcome.complete(answer)) {
      throw new AssertionError("answered twice");
    }
  }

  @Override
  public void refuse(Fault fault) {
    if (!outcome.completeExceptionally(fault)) {
      throw new AssertionError("answered twice");
    }
  }

  @Override
  public void whenGone(Runnable action) {
    gone = action;
  }

  /** The caller goes away. */
  public void goAway() {
    gone.run();
  }

  public CompletableFuture<A> outcome() {
    return outcome;
  }
}
