package dev.forkyard.client;

import dev.forkyard.client.internal.TaskStream;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The results of a lazy map, in the order of the inputs, each as soon as it and those before it are
 * known. They can be iterated once, by one thread.
 *
 * <p>Inputs are read while results are taken, only so far ahead that the workers stay busy. {@code
 * hasNext} waits for nothing but the inputs. {@code next} waits for the result and throws a {@link
 * TaskFailedException} if there is none, after which the iteration can go on; or a {@link
 * ForkyardException} with reason INTERRUPTED if the thread is interrupted, which it stays, or if
 * the pool or the connection has ended.
 *
 * @param <R> type of the results
 */
public final class PoolResults<R extends @Nullable Object> implements Iterable<R>, AutoCloseable {
  private final TaskStream stream;
  private final Iterator<R> results;

  PoolResults(TaskStream stream, Iterator<R> results) {
    this.stream = stream;
    this.results = results;
  }

  /** {@return the results; always the same iterator} */
  @Override
  public Iterator<R> iterator() {
    return results;
  }

  /** Ends the iteration; calls that have not run are cancelled. Closing again does nothing. */
  @Override
  public void close() {
    stream.cancel();
  }
}
