package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.client.internal.Use;
import dev.forkyard.v1.Payload;
import io.grpc.StatusRuntimeException;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes the calls of a pool that are given one by one; they share a stream. */
final class SingleCalls {
  private final Wire wire;
  private final PoolStreams streams;
  private final Use use;

  SingleCalls(Wire wire, PoolStreams streams, Use use) {
    this.use = use;
    this.wire = wire;
    this.streams = streams;
  }

  /** Makes a call and waits for its result; an interrupt ends only the wait. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // it is the function's, checked by the callers
  <R extends @Nullable Object> R run(Serializable function, @Nullable Object... arguments)
      throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function, use);
    Chunk sent = arrived(send(streams.single(), reference, Long.MAX_VALUE, arguments));
    Chunk done = Wire.awaitShared(sent.done());
    return new ChunkOutcomes<R>(wire.codec(), done, reference.resultType()).get(0);
  }

  /** Makes a call. */
  <R extends @Nullable Object> PoolFuture<R> submit(
      Serializable function, @Nullable Object... arguments) throws InterruptedException {
    return arrived(submitWithin(Long.MAX_VALUE, function, arguments));
  }

  /** Makes a call; null if the pool has no room for it in so many nanoseconds. */
  <R extends @Nullable Object> @Nullable PoolFuture<R> submitWithin(
      long nanos, Serializable function, @Nullable Object... arguments)
      throws InterruptedException {
    FunctionReference reference = FunctionReference.of(function, use);
    TaskStream stream = streams.single();
    Chunk chunk = send(stream, reference, nanos, arguments);
    if (chunk == null) {
      return null;
    }
    CompletableFuture<R> result =
        wire.handOver(
            chunk.done(),
            done -> new ChunkOutcomes<R>(wire.codec(), done, reference.resultType()).get(0));
    return new PoolFuture<>(
        result, running -> stream.cancel(List.of(chunk), running), wire.callbacks());
  }

  private @Nullable Chunk send(
      TaskStream stream, FunctionReference reference, long nanos, @Nullable Object... arguments)
      throws InterruptedException {
    Payload payload = Values.encodeChunk(wire.codec(), Collections.singletonList(arguments));
    Values.checkSize(payload);
    try {
      return stream.sendWithin(nanos, Protos.function(reference), 1, payload);
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static <T> T arrived(@Nullable T sent) {
    if (sent == null) {
      throw new AssertionError("after 292 years");
    }
    return sent;
  }
}
