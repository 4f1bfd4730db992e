package dev.forkyard.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The result of a call that a pool has accepted. It is always resolved: with the result, or with
 * the failure when the call fails, its worker dies, or the pool or the connection ends.
 * Thread-safe.
 *
 * @param <R> type of the result
 */
public final class PoolFuture<R extends @Nullable Object> {
  private final CompletableFuture<R> result;

  PoolFuture(CompletableFuture<R> result) {
    this.result = result;
  }

  /**
   * Waits for the result.
   *
   * @return the result
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException if the pool or the connection ended before it had one
   * @throws InterruptedException if interrupted; the call goes on
   */
  public R get() throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    }
  }

  /**
   * Waits for the result, no longer than said.
   *
   * @param timeout how long to wait
   * @return the result
   * @throws TimeoutException if there is none in time; the call goes on
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException if the pool or the connection ended before it had one
   * @throws InterruptedException if interrupted; the call goes on
   */
  public R get(Duration timeout) throws InterruptedException, TimeoutException {
    try {
      return result.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    }
  }

  /** {@return whether the call is over, with a result or without} */
  public boolean isDone() {
    return result.isDone();
  }

  /**
   * {@return a future of the JDK with the same outcome} What is attached to it runs on a thread of
   * the SDK; completing or cancelling it changes nothing here.
   */
  public CompletableFuture<R> toCompletableFuture() {
    return result.copy();
  }
}
