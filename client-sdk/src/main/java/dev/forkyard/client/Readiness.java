package dev.forkyard.client;

import dev.forkyard.client.internal.SessionStream;
import dev.forkyard.client.internal.StatusDetails;
import dev.forkyard.v1.SessionCall;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A wait until something is ready, which can be given up. */
final class Readiness {
  private final CompletableFuture<?> coming;
  private final Supplier<CompletableFuture<?>> givingUp;
  private final boolean failsByItself;

  private Readiness(
      CompletableFuture<?> coming, Supplier<CompletableFuture<?>> givingUp, boolean failsByItself) {
    this.coming = coming;
    this.givingUp = givingUp;
    this.failsByItself = failsByItself;
  }

  /** Waits for a future that somebody else completes; it is ready also when it failed. */
  static Readiness of(CompletableFuture<?> future) {
    return new Readiness(future, () -> CompletableFuture.completedFuture(null), false);
  }

  /** Waits for the reply to a call on the session stream, which comes when the thing is ready. */
  static Readiness ofCall(Wire wire, SessionCall.Builder call) {
    SessionStream.Pending pending = wire.stream().send(call);
    return new Readiness(
        pending.reply(),
        () -> {
          wire.stream().cancel(pending);
          return pending.reply();
        },
        true);
  }

  /**
   * Waits for the answer to a call, which comes when the thing is ready.
   *
   * @param answer the answer
   * @param look asks without waiting
   * @param isReady whether the answer to that says so
   */
  static <A> Readiness ofAnswer(
      CompletableFuture<A> answer, Supplier<CompletableFuture<A>> look, Predicate<A> isReady) {
    return new Readiness(
        answer,
        () ->
            look.get()
                .thenAccept(
                    now -> {
                      if (isReady.test(now)) {
                        answer.complete(now);
                      }
                    })
                .whenComplete((done, error) -> answer.cancel(true)),
        true);
  }

  /** What completes when the thing is ready, or there was a failure. */
  CompletableFuture<?> coming() {
    return coming;
  }

  /**
   * Ends the wait, if it is not over.
   *
   * @return completes when it is known whether the thing was ready by now
   */
  CompletableFuture<?> giveUp() {
    try {
      return coming.isDone() ? coming : givingUp.get();
    } catch (ForkyardException closed) {
      coming.cancel(true);
      return coming;
    }
  }

  boolean isReady() {
    return coming.isDone() && !(failsByItself && coming.isCompletedExceptionally());
  }

  /** Why it cannot be waited for; null when it is ready, or was given up. */
  @Nullable Throwable failure() {
    if (isReady() || !coming.isDone()) {
      return null;
    }
    Throwable error = coming.handle((done, failure) -> failure).join();
    boolean givenUp =
        error instanceof CancellationException
            || (error instanceof StatusRuntimeException refusal
                && StatusDetails.hasReason(refusal, "CALL_CANCELLED"));
    return givenUp ? null : error;
  }
}
