package dev.forkyard.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The maps of a {@link ProcessPool} over groups of arguments. */
@SuppressWarnings("overloads") // the number of arguments tells the functions apart
abstract sealed class PoolStarmaps extends PoolMaps permits ProcessPool {
  PoolStarmaps(Wire wire, PoolStreams streams) {
    super(wire, streams);
  }

  /**
   * Calls a function with each of the groups of two arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      List<R> starmap(RemoteFunction2<A, B, R> function, Iterable<Args.Two<A, B>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Two::toArray, DEFAULT_CHUNKS);
    return run.await();
  }

  /**
   * Calls a function with each of the groups of two arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      List<R> starmap(
          RemoteFunction2<A, B, R> function, Iterable<Args.Two<A, B>> items, int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Two::toArray, ChunkSender.checkSize(chunkSize));
    return run.await();
  }

  /**
   * Calls a function with each of the groups of two arguments, and does not wait for the results;
   * chunks are a quarter of each worker's share.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction2<A, B, R> function, Iterable<Args.Two<A, B>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Two::toArray, DEFAULT_CHUNKS);
    return run.future();
  }

  /**
   * Calls a function with each of the groups of two arguments, and does not wait for the results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction2<A, B, R> function, Iterable<Args.Two<A, B>> items, int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Two::toArray, ChunkSender.checkSize(chunkSize));
    return run.future();
  }

  /**
   * Calls a function with each of the groups of three arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      List<R> starmap(RemoteFunction3<A, B, C, R> function, Iterable<Args.Three<A, B, C>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Three::toArray, DEFAULT_CHUNKS);
    return run.await();
  }

  /**
   * Calls a function with each of the groups of three arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      List<R> starmap(
          RemoteFunction3<A, B, C, R> function, Iterable<Args.Three<A, B, C>> items, int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Three::toArray, ChunkSender.checkSize(chunkSize));
    return run.await();
  }

  /**
   * Calls a function with each of the groups of three arguments, and does not wait for the results;
   * chunks are a quarter of each worker's share.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction3<A, B, C, R> function, Iterable<Args.Three<A, B, C>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Three::toArray, DEFAULT_CHUNKS);
    return run.future();
  }

  /**
   * Calls a function with each of the groups of three arguments, and does not wait for the results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction3<A, B, C, R> function, Iterable<Args.Three<A, B, C>> items, int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Three::toArray, ChunkSender.checkSize(chunkSize));
    return run.future();
  }

  /**
   * Calls a function with each of the groups of four arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      List<R> starmap(
          RemoteFunction4<A, B, C, D, R> function, Iterable<Args.Four<A, B, C, D>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Four::toArray, DEFAULT_CHUNKS);
    return run.await();
  }

  /**
   * Calls a function with each of the groups of four arguments, and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call fails: the first one in the order of the items, when all
   *     are done
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      List<R> starmap(
          RemoteFunction4<A, B, C, D, R> function,
          Iterable<Args.Four<A, B, C, D>> items,
          int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Four::toArray, ChunkSender.checkSize(chunkSize));
    return run.await();
  }

  /**
   * Calls a function with each of the groups of four arguments, and does not wait for the results;
   * chunks are a quarter of each worker's share.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction4<A, B, C, D, R> function, Iterable<Args.Four<A, B, C, D>> items)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Four::toArray, DEFAULT_CHUNKS);
    return run.future();
  }

  /**
   * Calls a function with each of the groups of four arguments, and does not wait for the results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together at most, 1 or more
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <D> type of the fourth argument
   * @param <R> type of the result
   * @return the results to be, in the order of the items
   * @throws InterruptedException if interrupted; calls that have not ended are cancelled
   */
  public final <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<List<R>> starmapAsync(
          RemoteFunction4<A, B, C, D, R> function,
          Iterable<Args.Four<A, B, C, D>> items,
          int chunkSize)
          throws InterruptedException {
    MapRun<R> run = start(function, items, Args.Four::toArray, ChunkSender.checkSize(chunkSize));
    return run.future();
  }
}
