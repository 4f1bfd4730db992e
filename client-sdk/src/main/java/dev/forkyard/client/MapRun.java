package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.TaskStream;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One run of a map on a stream of its own: all chunks, and their outcomes in order. */
final class MapRun<R extends @Nullable Object> {
  private final Wire wire;
  private final TaskStream stream;
  private final FunctionReference reference;
  private final List<Chunk> chunks = new ArrayList<>();

  private MapRun(Wire wire, TaskStream stream, FunctionReference reference) {
    this.wire = wire;
    this.stream = stream;
    this.reference = reference;
  }

  /**
   * Sends all calls; cancels them if that fails.
   *
   * @throws ForkyardException if an argument cannot be encoded or the pool takes no calls
   * @throws InterruptedException if interrupted
   */
  static <R extends @Nullable Object> MapRun<R> start(
      Wire wire,
      TaskStream stream,
      FunctionReference reference,
      List<@Nullable Object[]> calls,
      int chunkSize)
      throws InterruptedException {
    MapRun<R> run = new MapRun<>(wire, stream, reference);
    boolean sent = false;
    try {
      run.send(calls, chunkSize);
      sent = true;
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    } finally {
      if (!sent) {
        stream.cancel();
      }
    }
    return run;
  }

  private void send(List<@Nullable Object[]> calls, int chunkSize) throws InterruptedException {
    ChunkSender sender = new ChunkSender(wire, stream, reference);
    for (int from = 0; from < calls.size(); from += chunkSize) {
      int to = (int) Math.min(calls.size(), (long) from + chunkSize);
      sender.send(calls.subList(from, to), chunks::add);
    }
    stream.finish();
  }

  /** Waits for all calls; cancels them when interrupted. */
  List<R> await() throws InterruptedException {
    try {
      return results(Wire.awaitShared(allDone()));
    } catch (InterruptedException e) {
      stream.cancel();
      throw e;
    }
  }

  /** {@return the results to be} */
  PoolFuture<List<R>> future() {
    return new PoolFuture<>(
        wire.handOver(allDone(), this::results),
        running -> stream.cancel(chunks, running),
        wire.callbacks());
  }

  private CompletableFuture<List<Chunk>> allDone() {
    return CompletableFuture.allOf(
            chunks.stream().map(Chunk::done).toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> chunks);
  }

  private List<R> results(List<Chunk> done) {
    List<R> results = new ArrayList<>();
    for (Chunk chunk : done) {
      ChunkOutcomes<R> outcomes = new ChunkOutcomes<>(wire.codec(), chunk, reference.resultType());
      for (int i = 0; i < outcomes.size(); i++) {
        results.add(outcomes.get(i));
      }
    }
    return results;
  }
}
