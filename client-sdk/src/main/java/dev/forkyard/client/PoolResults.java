package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.TaskStream;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The results of a lazy map, each as soon as its turn has come: in the order of the inputs, or as
 * they become known. They can be iterated once, by one thread.
 *
 * <p>Inputs are read, on the iterating thread, while results are taken: four chunks for each worker
 * ahead of what was taken, so that neither inputs nor results pile up. An input that cannot be
 * encoded is a failing item. When the iterator of the inputs throws, there are no more inputs, and
 * what it threw is thrown here after the other results.
 *
 * <p>What has failed is thrown when its turn comes, and the iteration can go on after it, in the
 * same chunk too. When the pool or the connection has ended, that is thrown and nothing comes after
 * it. Close the results if they are not taken to the end.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * Python's {@code imap} reads all inputs at once and with chunks ends at the first failure.
 *
 * @param <R> type of the results
 */
public final class PoolResults<R extends @Nullable Object> implements Iterable<R>, AutoCloseable {
  private final Wire wire;
  private final TaskStream stream;
  private final FunctionReference function;
  private final ChunkSender sender;
  private final Iterator<?> inputs;
  private final int chunkSize;
  private final int mostAhead;
  private final SentCalls sent;

  private @Nullable ChunkOutcomes<R> current;
  private int nextInChunk;
  private boolean inputsEnded;
  private @Nullable RuntimeException inputFailure;
  private boolean broken;

  PoolResults(
      Wire wire,
      TaskStream stream,
      FunctionReference function,
      Iterator<?> inputs,
      int chunkSize,
      int mostAhead,
      SentCalls sent) {
    this.wire = wire;
    this.stream = stream;
    this.function = function;
    this.sender = new ChunkSender(wire, stream, function);
    this.inputs = inputs;
    this.chunkSize = chunkSize;
    this.mostAhead = mostAhead;
    this.sent = sent;
  }

  /** {@return an iterator over the results that were not taken yet; all iterators share them} */
  @Override
  public Iterator<R> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return PoolResults.this.hasNext();
      }

      @Override
      public R next() {
        return PoolResults.this.next();
      }
    };
  }

  /** {@return whether there is another result or failure} Waits for nothing but the inputs. */
  public boolean hasNext() {
    return !broken && (hasCurrent() || sent.size() > 0 || hasInput() || inputFailure != null);
  }

  /**
   * Waits for the next result.
   *
   * @return the result
   * @throws TaskFailedException if this call has no result
   * @throws ForkyardException with reason NOT_CONVERTIBLE or MESSAGE_TOO_LARGE if this item could
   *     not be sent, or its result not be read; INTERRUPTED if the thread is interrupted, which it
   *     stays, and no result is lost; or if the pool or the connection has ended
   * @throws NoSuchElementException after the last one
   */
  public R next() {
    try {
      return next(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      throw Wire.interrupted();
    } catch (TimeoutException e) {
      throw new AssertionError("after 292 years", e);
    }
  }

  /**
   * Waits for the next result no longer than said. Reading the inputs is not broken off.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the result
   * @throws TimeoutException if there is none in time; it is not lost, the next call may have it
   * @throws TaskFailedException if this call has no result
   * @throws ForkyardException as {@link #next()}
   * @throws NoSuchElementException after the last one
   * @throws InterruptedException if interrupted; no result is lost
   */
  public R next(Duration timeout) throws InterruptedException, TimeoutException {
    return next(TimeUnit.NANOSECONDS.convert(timeout));
  }

  /** Ends the iteration; calls that have not ended are cancelled. Closing again does nothing. */
  @Override
  public void close() {
    stream.cancel();
  }

  private R next(long nanos) throws InterruptedException, TimeoutException {
    long start = System.nanoTime();
    while (!hasCurrent()) {
      if (!hasNext()) {
        throw new NoSuchElementException("there is no result after the last input");
      }
      long left = nanos - (System.nanoTime() - start);
      CompletableFuture<Chunk> done = sendAndTake(left);
      if (done != null) {
        open(done);
      } else if (sent.size() == 0 && inputFailure != null) {
        throw takeInputFailure(inputFailure);
      } else if (left <= 0) {
        throw new TimeoutException("no result came in time");
      }
    }
    ChunkOutcomes<R> outcomes = current;
    if (outcomes == null) {
      throw new IllegalStateException("no chunk is open");
    }
    return outcomes.get(nextInChunk++);
  }

  private boolean hasCurrent() {
    return current != null && nextInChunk < current.size();
  }

  /** Sends as long as nothing is done, or one for one that is; takes what is done. */
  private @Nullable CompletableFuture<Chunk> sendAndTake(long nanos) throws InterruptedException {
    CompletableFuture<Chunk> done = sent.take(0);
    while (sent.size() < mostAhead && hasInput()) {
      send();
      if (done != null) {
        return done;
      }
      done = sent.take(0);
    }
    if (inputsEnded) {
      stream.finish();
    }
    return done != null || sent.size() == 0 ? done : sent.take(nanos);
  }

  private void send() throws InterruptedException {
    List<@Nullable Object[]> calls = new ArrayList<>();
    while (calls.size() < chunkSize && hasInput()) {
      try {
        calls.add(new @Nullable Object[] {inputs.next()});
      } catch (RuntimeException e) {
        endInputs(e);
      }
    }
    try {
      for (int next = 0; next < calls.size(); ) {
        next += send(calls.subList(next, calls.size()));
      }
    } catch (StatusRuntimeException e) {
      endInputs(Errors.translate(e));
    }
  }

  /** Sends all of these calls, or the first of them if there is one that cannot be sent. */
  private int send(List<@Nullable Object[]> calls) throws InterruptedException {
    int[] accepted = {0};
    try {
      sender.send(
          calls,
          chunk -> {
            sent.add(chunk.done());
            accepted[0] += chunk.count();
          });
      return accepted[0];
    } catch (ForkyardException e) {
      if (accepted[0] > 0) {
        return accepted[0];
      }
      if (calls.size() > 1) {
        return send(calls.subList(0, 1));
      }
      sent.add(CompletableFuture.failedFuture(e));
      return 1;
    }
  }

  private void open(CompletableFuture<Chunk> done) {
    try {
      current = new ChunkOutcomes<>(wire.codec(), done.join(), function.resultType());
      nextInChunk = 0;
    } catch (CompletionException e) {
      broken = !(e.getCause() instanceof ForkyardException);
      throw Errors.translate(e);
    }
  }

  private boolean hasInput() {
    if (inputsEnded) {
      return false;
    }
    try {
      if (inputs.hasNext()) {
        return true;
      }
      endInputs(null);
    } catch (RuntimeException e) {
      endInputs(e);
    }
    return false;
  }

  private void endInputs(@Nullable RuntimeException why) {
    inputsEnded = true;
    inputFailure = why;
  }

  private RuntimeException takeInputFailure(RuntimeException failure) {
    inputFailure = null;
    return failure;
  }
}
