package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.TerminatePoolRequest;
import io.grpc.StatusRuntimeException;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of worker processes that run calls. A worker that dies is replaced, and every call
 * gets its result or its failure. Thread-safe.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@link #shutdown} is Python's {@code close}, {@link #join} waits, {@link #close} does both and
 * then ends the workers; {@link #terminate} ends them at once. A call whose worker dies fails as
 * WORKER_LOST, or is run again if the pool was made with {@code retryLost}. In a chunk only the
 * call that fails is affected. {@link #map} throws the first failure in the order of the inputs.
 */
public final class ProcessPool implements AutoCloseable {
  private static final int CHUNKS_PER_WORKER = 4;
  private static final int TERMINATE_SECONDS = 10;

  private final Wire wire;
  private final String id;
  private final int workers;
  private final PoolStreams streams;

  ProcessPool(Wire wire, String id, int workers) {
    this.wire = wire;
    this.id = id;
    this.workers = workers;
    this.streams = new PoolStreams(wire, id);
  }

  /** {@return the id of the pool} */
  public String id() {
    return id;
  }

  /**
   * Calls a function with each item and waits for all results. Items are sent in chunks of a
   * quarter of each worker's share.
   *
   * @param function what to call
   * @param items the arguments
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws TaskFailedException if a call has no result: the first one in the order of the items,
   *     when all are done
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an item cannot be encoded
   * @throws InterruptedException if interrupted; calls that have not run are cancelled
   */
  public <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      RemoteFunction1<A, R> function, Iterable<? extends A> items) throws InterruptedException {
    List<A> list = listOf(items);
    int share = CHUNKS_PER_WORKER * workers;
    return mapList(function, list, Math.max(1, (list.size() + share - 1) / share));
  }

  /**
   * Calls a function with each item and waits for all results.
   *
   * @param function what to call
   * @param items the arguments
   * @param chunkSize how many items are sent to a worker together, at least 1
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results in the order of the items
   * @throws IllegalArgumentException if the chunk size is less than 1
   * @throws TaskFailedException if a call has no result: the first one in the order of the items,
   *     when all are done
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an item cannot be encoded
   * @throws InterruptedException if interrupted; calls that have not run are cancelled
   */
  public <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize)
      throws InterruptedException {
    return mapList(function, listOf(items), checkChunkSize(chunkSize));
  }

  /**
   * Calls a function with each item, one by one, and gives results while the others still run.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results in the order of the items; close them if they are not taken to the end
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}
   */
  public <A extends @Nullable Object, R extends @Nullable Object> PoolResults<R> imap(
      RemoteFunction1<A, R> function, Iterable<? extends A> items) {
    return imap(function, items, 1);
  }

  /**
   * Calls a function with each item and gives results while the others still run.
   *
   * @param function what to call
   * @param items the arguments; read while results are taken
   * @param chunkSize how many items are sent to a worker together, at least 1
   * @param <A> type of the argument
   * @param <R> type of the result
   * @return the results in the order of the items; close them if they are not taken to the end
   * @throws IllegalArgumentException if the chunk size is less than 1
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}
   */
  public <A extends @Nullable Object, R extends @Nullable Object> PoolResults<R> imap(
      RemoteFunction1<A, R> function, Iterable<? extends A> items, int chunkSize) {
    FunctionReference reference = FunctionReference.of(function);
    int size = checkChunkSize(chunkSize);
    TaskStream stream = streams.open(true);
    return new PoolResults<>(
        stream,
        new LazyMap<>(
            wire, stream, reference, items.iterator(), size, CHUNKS_PER_WORKER * workers));
  }

  /**
   * Has a worker call a function, and waits for the result.
   *
   * @param function what to call
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public <R extends @Nullable Object> R apply(RemoteFunction0<R> function)
      throws InterruptedException {
    return run(function);
  }

  /**
   * Has a worker call a function, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public <A extends @Nullable Object, R extends @Nullable Object> R apply(
      RemoteFunction1<A, R> function, A first) throws InterruptedException {
    return run(function, first);
  }

  /**
   * Has a worker call a function, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      R apply(RemoteFunction2<A, B, R> function, A first, B second) throws InterruptedException {
    return run(function, first, second);
  }

  /**
   * Has a worker call a function, and waits for the result.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the result
   * @throws TaskFailedException if the call has no result
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; the call goes on
   */
  @CanIgnoreReturnValue
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      R apply(RemoteFunction3<A, B, C, R> function, A first, B second, C third)
          throws InterruptedException {
    return run(function, first, second, third);
  }

  /**
   * Has a worker call a function. Waits while the pool takes no more.
   *
   * @param function what to call
   * @param <R> type of the result
   * @return the result to be
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public <R extends @Nullable Object> PoolFuture<R> applyAsync(RemoteFunction0<R> function)
      throws InterruptedException {
    return submit(function);
  }

  /**
   * Has a worker call a function. Waits while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param <A> type of the first argument
   * @param <R> type of the result
   * @return the result to be
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public <A extends @Nullable Object, R extends @Nullable Object> PoolFuture<R> applyAsync(
      RemoteFunction1<A, R> function, A first) throws InterruptedException {
    return submit(function, first);
  }

  /**
   * Has a worker call a function. Waits while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <R> type of the result
   * @return the result to be
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      PoolFuture<R> applyAsync(RemoteFunction2<A, B, R> function, A first, B second)
          throws InterruptedException {
    return submit(function, first, second);
  }

  /**
   * Has a worker call a function. Waits while the pool takes no more.
   *
   * @param function what to call
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param <A> type of the first argument
   * @param <B> type of the second argument
   * @param <C> type of the third argument
   * @param <R> type of the result
   * @return the result to be
   * @throws ForkyardException with reason POOL_CLOSED after {@link #shutdown}; NOT_CONVERTIBLE if
   *     an argument cannot be encoded
   * @throws InterruptedException if interrupted; nothing was called then
   */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      PoolFuture<R> applyAsync(RemoteFunction3<A, B, C, R> function, A first, B second, C third)
          throws InterruptedException {
    return submit(function, first, second, third);
  }

  /** {@return the state of the pool now} */
  public PoolStats stats() {
    return PoolStats.of(
        wire.call(
                PoolServiceGrpc.getGetPoolMethod(),
                GetPoolRequest.newBuilder().setPoolId(id).build())
            .getPool());
  }

  /**
   * Refuses further calls; those that were accepted are finished. A lazy map gives the results of
   * what it has sent and is refused after that. Doing it again changes nothing.
   */
  public void shutdown() {
    streams.shutdown();
  }

  /**
   * Waits until all calls are done.
   *
   * @param timeout how long to wait
   * @return false if some are not done in time
   * @throws ForkyardException with reason JOIN_BEFORE_CLOSE before {@link #shutdown}
   * @throws InterruptedException if interrupted; the calls go on
   */
  public boolean join(Duration timeout) throws InterruptedException {
    CompletableFuture<?> end = streams.end();
    try {
      Object unused = end.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      throw Errors.translate(e);
    } catch (TimeoutException e) {
      return false;
    }
  }

  /**
   * Ends the workers at once; calls that are not done fail as CANCELLED. An interrupted thread does
   * so too, and stays interrupted.
   */
  public void terminate() {
    shutdown();
    try {
      wire.call(
          PoolServiceGrpc.getTerminatePoolMethod(),
          TerminatePoolRequest.newBuilder().setPoolId(id).build());
      wire.call(
          PoolServiceGrpc.getDeletePoolMethod(),
          DeletePoolRequest.newBuilder().setPoolId(id).build());
      if (!join(Duration.ofSeconds(TERMINATE_SECONDS))) {
        streams.cancel();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      streams.cancel();
    } catch (ForkyardException e) {
      streams.cancel();
      if (!e.reason().equals("POOL_NOT_FOUND") && !e.reason().equals("CLIENT_CLOSED")) {
        throw e;
      }
    }
  }

  /**
   * Shuts the pool down, waits until all calls are done, and ends the workers. When interrupted, it
   * ends them at once and leaves the thread interrupted. Closing again does nothing.
   */
  @Override
  public void close() {
    shutdown();
    try {
      Object unused = Wire.awaitShared(streams.end());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    terminate();
  }

  @Override
  public String toString() {
    return "ProcessPool[" + id + "]";
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // it is the function's, checked by the callers
  private <R extends @Nullable Object> R run(Serializable function, @Nullable Object... arguments)
      throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function);
    return resultOf(
        Wire.awaitShared(sendSingle(reference, arguments).done()), reference.resultType());
  }

  private <R extends @Nullable Object> PoolFuture<R> submit(
      Serializable function, @Nullable Object... arguments) throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function);
    CompletableFuture<R> result = new CompletableFuture<>();
    var unused =
        sendSingle(reference, arguments)
            .done()
            .whenCompleteAsync(
                (chunk, error) -> {
                  try {
                    if (error != null) {
                      throw Errors.translate(error);
                    }
                    result.complete(resultOf(chunk, reference.resultType()));
                  } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                  }
                },
                wire.callbacks());
    return new PoolFuture<>(result);
  }

  private Chunk sendSingle(FunctionReference reference, @Nullable Object... arguments)
      throws InterruptedException {
    List<@Nullable Object[]> calls = new ArrayList<>(1);
    calls.add(arguments);
    try {
      return streams
          .single()
          .send(Protos.function(reference), 1, Values.encodeChunk(wire.codec(), calls));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // it is the function's, checked by the callers
  private <R extends @Nullable Object> R resultOf(Chunk chunk, Type type) {
    for (Failure failure : chunk.failures().values()) {
      throw Errors.taskFailed(failure);
    }
    return ChunkResultsDecoder.<R>decode(wire.codec(), chunk, type).get(0);
  }

  private <A extends @Nullable Object, R extends @Nullable Object> List<R> mapList(
      RemoteFunction1<A, R> function, List<A> items, int chunkSize) throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function);
    TaskStream stream = streams.open(false);
    try {
      return new MapRun(wire, stream, reference, chunkSize).run(items);
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    } finally {
      stream.cancel();
    }
  }

  private static int checkChunkSize(int chunkSize) {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("a chunk needs at least 1 call, not " + chunkSize);
    }
    return chunkSize;
  }

  private static <A extends @Nullable Object> List<A> listOf(Iterable<? extends A> items) {
    List<A> list = new ArrayList<>();
    items.forEach(list::add);
    return list;
  }
}
