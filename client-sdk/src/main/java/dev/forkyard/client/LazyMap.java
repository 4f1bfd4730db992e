package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.Failure;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Sends chunks ahead and hands out their results, all on the thread that iterates. */
final class LazyMap<R extends @Nullable Object> implements Iterator<R> {
  private final Wire wire;
  private final TaskStream stream;
  private final FunctionReference function;
  private final Iterator<?> inputs;
  private final int chunkSize;
  private final int mostAhead;
  private final ArrayDeque<Chunk> sent = new ArrayDeque<>();
  private List<R> current = List.of();
  private Map<Integer, Failure> failures = Map.of();
  private int nextInChunk;

  LazyMap(
      Wire wire,
      TaskStream stream,
      FunctionReference function,
      Iterator<?> inputs,
      int chunkSize,
      int mostAhead) {
    this.wire = wire;
    this.stream = stream;
    this.function = function;
    this.inputs = inputs;
    this.chunkSize = chunkSize;
    this.mostAhead = mostAhead;
  }

  @Override
  public boolean hasNext() {
    return nextInChunk < current.size() || !sent.isEmpty() || inputs.hasNext();
  }

  @Override
  public R next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try {
      sendAhead();
      while (nextInChunk >= current.size()) {
        Chunk chunk = Wire.awaitShared(sent.element().done());
        sent.remove();
        failures = chunk.failures();
        nextInChunk = 0;
        current = ChunkResultsDecoder.decode(wire.codec(), chunk, function.resultType());
      }
    } catch (InterruptedException e) {
      throw Wire.interrupted();
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
    int index = nextInChunk++;
    Failure failure = failures.get(index);
    if (failure != null) {
      throw Errors.taskFailed(failure);
    }
    return current.get(index);
  }

  private void sendAhead() throws InterruptedException {
    while (sent.size() < mostAhead && inputs.hasNext()) {
      List<@Nullable Object[]> calls = new ArrayList<>(chunkSize);
      while (calls.size() < chunkSize && inputs.hasNext()) {
        calls.add(new @Nullable Object[] {inputs.next()});
      }
      sent.add(
          stream.send(
              Protos.function(function), calls.size(), Values.encodeChunk(wire.codec(), calls)));
    }
    if (!inputs.hasNext()) {
      stream.halfClose();
    }
  }
}
