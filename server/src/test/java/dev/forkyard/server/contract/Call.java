package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.TestDaemon;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call under way.
 *
 * @param outcome what it comes to; a refusal is a {@link Refused}
 * @param cancellation has the caller go away
 */
record Call<T>(CompletableFuture<T> outcome, Runnable cancellation) {

  /** A refusal, whatever carried it. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  void cancel() {
    cancellation.run();
  }

  boolean isOver() {
    return outcome.isDone();
  }

  /** The answer. */
  T get() {
    try {
      return outcome.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new AssertionError(e);
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError("not answered", e);
    }
  }

  void assertRefused(String reason) {
    assertThat(catchThrowable(this::get)).isInstanceOf(Refused.class).hasMessage(reason);
  }

  void awaitOver() {
    await().atMost(TestDaemon.PATIENCE).until(outcome::isDone);
  }
}
