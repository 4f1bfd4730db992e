package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.TaskStream;
import io.grpc.StatusRuntimeException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes the calls of a pool that are given one by one; they share a stream. */
final class SingleCalls {
  private final Wire wire;
  private final PoolStreams streams;

  SingleCalls(Wire wire, PoolStreams streams) {
    this.wire = wire;
    this.streams = streams;
  }

  /** Makes a call and waits for its result; an interrupt ends only the wait. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // it is the function's, checked by the callers
  <R extends @Nullable Object> R run(Serializable function, @Nullable Object... arguments)
      throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function);
    Chunk done = Wire.awaitShared(send(streams.single(), reference, arguments).done());
    return new ChunkOutcomes<R>(wire.codec(), done, reference.resultType()).get(0);
  }

  /** Makes a call. */
  <R extends @Nullable Object> PoolFuture<R> submit(
      Serializable function, @Nullable Object... arguments) throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function);
    TaskStream stream = streams.single();
    Chunk chunk = send(stream, reference, arguments);
    CompletableFuture<R> result =
        wire.handOver(
            chunk.done(),
            done -> new ChunkOutcomes<R>(wire.codec(), done, reference.resultType()).get(0));
    return new PoolFuture<>(
        result, running -> stream.cancel(List.of(chunk), running), wire.callbacks());
  }

  private Chunk send(TaskStream stream, FunctionReference reference, @Nullable Object... arguments)
      throws InterruptedException {
    List<@Nullable Object[]> calls = new ArrayList<>(1);
    calls.add(arguments);
    List<Chunk> sent = new ArrayList<>(1);
    try {
      new ChunkSender(wire, stream, reference).send(calls, sent::add);
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
    return sent.get(0);
  }
}
