package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The result of calls that a pool has accepted. It is always resolved: with the result, or with the
 * failure when a call fails, its worker dies, or the pool, the daemon or the connection ends.
 * Thread-safe.
 *
 * <p>Callbacks are run when it is resolved, or at once if it is: on threads of the SDK, or by an
 * executor that is given. The SDK has as many of them as there are processors, at least two, and
 * decodes results on them too: whoever waits there for long gives an executor instead. What a
 * callback throws harms nothing; it is logged by the {@link System.Logger} with the name of this
 * class.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * An {@code AsyncResult} whose worker dies, or whose pool is terminated, is never ready, and a
 * callback that throws stops all results; here neither can happen. {@code ready()} is {@link
 * #isDone}, {@code successful()} is {@link #isSuccessful}, {@code wait(t)} is {@link #await}.
 * {@link #cancel} has no counterpart.
 *
 * <h2>Comparison with java.util.concurrent.Future</h2>
 *
 * {@link #get()} throws the failure itself instead of wrapping it, so this is no {@code Future};
 * {@link #toCompletableFuture} answers one.
 *
 * @param <R> type of the result
 */
public final class PoolFuture<R extends @Nullable Object> implements Waitable {
  private static final System.Logger LOGGER = System.getLogger(PoolFuture.class.getName());

  private final CompletableFuture<R> result;
  private final Consumer<Boolean> canceller;
  private final Executor callbacks;

  PoolFuture(CompletableFuture<R> result, Consumer<Boolean> canceller, Executor callbacks) {
    this.result = result;
    this.canceller = canceller;
    this.callbacks = callbacks;
  }

  /**
   * Waits for the result.
   *
   * @return the result
   * @throws TaskFailedException if a call has no result, or was cancelled
   * @throws ForkyardException if the result cannot be decoded, or the pool or the connection ended
   *     before there was one
   * @throws InterruptedException if interrupted; the calls go on
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
   * @param timeout how long to wait; zero or less does not wait
   * @return the result
   * @throws TimeoutException if there is none in time; the calls go on
   * @throws TaskFailedException if a call has no result, or was cancelled
   * @throws ForkyardException as {@link #get()}
   * @throws InterruptedException if interrupted; the calls go on
   */
  public R get(Duration timeout) throws InterruptedException, TimeoutException {
    try {
      return result.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    }
  }

  /**
   * Waits until it is resolved, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return false if it is not resolved in time
   * @throws InterruptedException if interrupted; the calls go on
   */
  public boolean await(Duration timeout) throws InterruptedException {
    try {
      R unused = result.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  /** {@return whether it is resolved, with a result or without} */
  public boolean isDone() {
    return result.isDone();
  }

  /**
   * {@return whether there is a result}
   *
   * @throws IllegalStateException before it is resolved
   */
  public boolean isSuccessful() {
    return failure().isEmpty();
  }

  /**
   * {@return whether it is resolved with a failure of kind CANCELLED} By {@link #cancel}, or
   * because the pool was terminated.
   */
  public boolean isCancelled() {
    return failureNow() instanceof TaskFailedException failure
        && failure.kind() == TaskFailedException.Kind.CANCELLED;
  }

  /**
   * {@return why there is no result; empty if there is one} A {@link TaskFailedException} tells the
   * kind of the failure, the remote type and stack, and the end of a lost worker.
   *
   * @throws IllegalStateException before it is resolved
   */
  public Optional<ForkyardException> failure() {
    if (!result.isDone()) {
      throw new IllegalStateException("there is no result yet; ask isDone() first, or wait for it");
    }
    return Optional.ofNullable(failureNow());
  }

  /**
   * Gives up the calls that have no result yet. This is resolved at once, with a failure of kind
   * CANCELLED; nothing waits for the pool. Calls that wait in the pool will not run.
   *
   * @param mayInterrupt true ends also calls that run: the thread is interrupted, and after the
   *     pool's {@linkplain PoolOptions#cancelGrace grace} the worker is stopped; false lets them
   *     run to their end, and their results are thrown away
   * @return false if it was resolved before, and nothing was changed
   */
  @CanIgnoreReturnValue
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = result.completeExceptionally(TaskFailedException.byCaller());
    if (cancelled) {
      canceller.accept(mayInterrupt);
    }
    return cancelled;
  }

  /**
   * Has a callback run with the result, if there is one, on a thread of the SDK.
   *
   * @param callback gets the result
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> onSuccess(Consumer<? super R> callback) {
    return onSuccess(callback, callbacks);
  }

  /**
   * Has a callback run with the result, if there is one.
   *
   * @param callback gets the result
   * @param executor what runs it
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> onSuccess(Consumer<? super R> callback, Executor executor) {
    return whenDone(
        done -> {
          if (done.isSuccessful()) {
            callback.accept(done.result.join());
          }
        },
        executor);
  }

  /**
   * Has a callback run with the failure, if there is no result, on a thread of the SDK.
   *
   * @param callback gets the failure, as {@link #failure}
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> onFailure(Consumer<? super ForkyardException> callback) {
    return onFailure(callback, callbacks);
  }

  /**
   * Has a callback run with the failure, if there is no result.
   *
   * @param callback gets the failure, as {@link #failure}
   * @param executor what runs it
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> onFailure(Consumer<? super ForkyardException> callback, Executor executor) {
    return whenDone(done -> done.failure().ifPresent(callback), executor);
  }

  /**
   * Has a callback run when this is resolved, on a thread of the SDK.
   *
   * @param callback gets this, resolved
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> whenDone(Consumer<? super PoolFuture<R>> callback) {
    return whenDone(callback, callbacks);
  }

  /**
   * Has a callback run when this is resolved.
   *
   * @param callback gets this, resolved
   * @param executor what runs it
   * @return this
   */
  @CanIgnoreReturnValue
  public PoolFuture<R> whenDone(Consumer<? super PoolFuture<R>> callback, Executor executor) {
    var unused =
        result.whenComplete(
            (value, error) -> {
              try {
                executor.execute(() -> isolate(() -> callback.accept(this)));
              } catch (RejectedExecutionException e) {
                report("its executor takes nothing", e);
              }
            });
    return this;
  }

  /**
   * {@return a future of the JDK with the same outcome} What is attached to it runs on a thread of
   * the SDK; completing or cancelling it changes nothing here.
   */
  public CompletableFuture<R> toCompletableFuture() {
    return result.copy();
  }

  /** Begins to wait until it is resolved. */
  Readiness readiness() {
    return Readiness.of(result);
  }

  @Override
  public String toString() {
    String state = !isDone() ? "not resolved" : isSuccessful() ? "result" : "failure";
    return "PoolFuture[" + state + "]";
  }

  private @Nullable ForkyardException failureNow() {
    return result.isCompletedExceptionally()
        ? result.handle((value, error) -> Errors.root(error)).join()
        : null;
  }

  private static void isolate(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      report("it threw", e);
    }
  }

  private static void report(String what, Throwable why) {
    LOGGER.log(
        System.Logger.Level.ERROR, "a callback of a PoolFuture did not do its work: " + what, why);
  }
}
