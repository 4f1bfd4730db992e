package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of a map: sends all chunks, then collects their outcomes in order. */
final class MapRun {
  /** A chunk of more bytes is cut in two, so that it fits into a message. */
  private static final int MOST_CHUNK_BYTES = 1 << 20;

  private final Wire wire;
  private final TaskStream stream;
  private final FunctionReference reference;
  private final Function function;
  private final int chunkSize;
  private final List<Chunk> chunks = new ArrayList<>();

  MapRun(Wire wire, TaskStream stream, FunctionReference reference, int chunkSize) {
    this.wire = wire;
    this.stream = stream;
    this.reference = reference;
    this.function = Protos.function(reference);
    this.chunkSize = chunkSize;
  }

  <R extends @Nullable Object> List<R> run(List<?> items) throws InterruptedException {
    for (int from = 0; from < items.size(); from += chunkSize) {
      List<@Nullable Object[]> calls = new ArrayList<>(chunkSize);
      for (Object item : items.subList(from, Math.min(items.size(), from + chunkSize))) {
        calls.add(new @Nullable Object[] {item});
      }
      send(calls);
    }
    stream.halfClose();
    return collect(items.size());
  }

  private void send(List<@Nullable Object[]> calls) throws InterruptedException {
    Payload arguments = Values.encodeChunk(wire.codec(), calls);
    int half = calls.size() / 2;
    if (half > 0 && arguments.getSerializedSize() > MOST_CHUNK_BYTES) {
      send(calls.subList(0, half));
      send(calls.subList(half, calls.size()));
      return;
    }
    chunks.add(stream.send(function, calls.size(), arguments));
  }

  private <R extends @Nullable Object> List<R> collect(int size) throws InterruptedException {
    List<R> results = new ArrayList<>(size);
    Failure first = null;
    for (Chunk sent : chunks) {
      Chunk chunk = Wire.awaitShared(sent.done());
      if (first == null && !chunk.failures().isEmpty()) {
        first = chunk.failures().get(chunk.failures().firstKey());
      }
      if (first == null) {
        results.addAll(ChunkResultsDecoder.<R>decode(wire.codec(), chunk, reference.resultType()));
      }
    }
    if (first != null) {
      throw Errors.taskFailed(first);
    }
    return results;
  }
}
