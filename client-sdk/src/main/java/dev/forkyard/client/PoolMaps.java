package dev.forkyard.client;

import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Use;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The maps of a {@link ProcessPool} over single arguments. */
abstract sealed class PoolMaps extends PoolCalls permits PoolStarmaps {
  private static final int CHUNKS_PER_WORKER = 4;
  static final int DEFAULT_CHUNKS = 0; // no size: four chunks for each worker

  private final Wire wire;
  private final PoolStreams streams;

  PoolMaps(Wire wire, PoolStreams streams) {
    super(new SingleCalls(wire, streams, Use.APPLY));
    this.wire = wire;
    this.streams = streams;
  }

  /** {@return how many workers the pool is to have, as far as is known here} */
  abstract int size();

  /**
   * Calls a function with each item, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      RemoteFunction1<A, R> function, Iterable<? extends A> items) throws InterruptedException {
    MapRun<R> run = start(function, items, item -> new @Nullable Object[] {item}, DEFAULT_CHUNKS);
    return run.await();
  }

  /**
   * Calls a function with each item, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize)
      throws InterruptedException {
    MapRun<R> run =
        start(
            function,
            items,
            item -> new @Nullable Object[] {item},
            ChunkSender.checkSize(chunkSize));
    return run.await();
  }

  /**
   * Calls a function with each item, and does not wait for the results.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<List<R>> mapAsync(RemoteFunction1<A, R> function, Iterable<? extends A> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, item -> new @Nullable Object[] {item}, DEFAULT_CHUNKS);
    return run.future();
  }

  /**
   * Calls a function with each item, and does not wait for the results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<List<R>> mapAsync(
          RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize)
          throws InterruptedException {
    MapRun<R> run =
        start(
            function,
            items,
            item -> new @Nullable Object[] {item},
            ChunkSender.checkSize(chunkSize));
    return run.future();
  }

  /**
   * Calls a function with each item, one by one, and gives results while the others still run, in
   * the order of the items.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results; close them if they are not taken to the end
   */
  public final <A extends @Nullable Object, R extends @Nullable Object> PoolResults<R> imap(
      RemoteFunction1<A, R> function, Iterable<? extends A> items) {
    return imap(function, items, 1);
  }

  /**
   * Calls a function with each item and gives results while the others still run, in the order of
   * the items.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results; close them if they are not taken to the end
   */
  public final <A extends @Nullable Object, R extends @Nullable Object> PoolResults<R> imap(
      RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize) {
    return lazy(function, items.iterator(), chunkSize, SentCalls.inOrder());
  }

  /**
   * Calls a function with each item, one by one, and gives results while the others still run, as
   * they become known.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results; close them if they are not taken to the end
   */
  public final <A extends @Nullable Object, R extends @Nullable Object>
      PoolResults<R> imapUnordered(RemoteFunction1<A, R> function, Iterable<? extends A> items) {
    return imapUnordered(function, items, 1);
  }

  /**
   * Calls a function with each item and gives results while the others still run, as they become
   * known.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results; close them if they are not taken to the end
   */
  public final <A extends @Nullable Object, R extends @Nullable Object>
      PoolResults<R> imapUnordered(
          RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize) {
    return lazy(function, items.iterator(), chunkSize, SentCalls.asDone());
  }

  /** Sends the calls of a map. */
  final <T extends @Nullable Object, R extends @Nullable Object> MapRun<R> start(
      Serializable function,
      Iterable<? extends T> items,
      Function<T, @Nullable Object[]> arguments,
      int chunkSize)
      throws InterruptedException {
    Use use = function instanceof RemoteFunction1 ? Use.MAP : Use.STARMAP;
    FunctionReference reference = FunctionReference.of(function, use);
    List<@Nullable Object[]> calls = new ArrayList<>();
    items.forEach(item -> calls.add(arguments.apply(item)));
    int share = CHUNKS_PER_WORKER * size();
    int chunk =
        chunkSize == DEFAULT_CHUNKS ? Math.max(1, (calls.size() + share - 1) / share) : chunkSize;
    return MapRun.start(wire, streams.open(false), reference, calls, chunk);
  }

  private <R extends @Nullable Object> PoolResults<R> lazy(
      Serializable function, Iterator<?> inputs, int chunkSize, SentCalls sent) {
    FunctionReference reference = FunctionReference.of(function, Use.MAP);
    int size = ChunkSender.checkSize(chunkSize);
    int ahead = CHUNKS_PER_WORKER * size();
    return new PoolResults<>(wire, streams.open(true), reference, inputs, size, ahead, sent);
  }
}
