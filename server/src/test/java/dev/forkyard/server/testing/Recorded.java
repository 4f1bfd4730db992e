package dev.forkyard.server.testing;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

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

  /**
   * What an operation comes to, in words: a refusal is its reason.
   *
   * @param goesAway the caller goes away as soon as it has begun
   */
  public static <A> String inWords(
      boolean goesAway, Consumer<Reply<A>> operation, Function<A, String> words) {
    Recorded<A> reply = new Recorded<>();
    try {
      operation.accept(reply);
    } catch (Fault refused) {
      return refused.reason().name();
    }
    if (goesAway) {
      reply.goAway();
    }
    return reply
        .outcome()
        .handle(
            (answer, refusal) ->
                refusal instanceof Fault fault ? fault.reason().name() : words.apply(answer))
        .join();
  }
}
