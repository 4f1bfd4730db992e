package dev.forkyard.client;

import dev.forkyard.client.internal.Chunk;
import dev.forkyard.client.internal.FunctionReference;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Encodes calls of one function and sends them in chunks that fit into a message. */
final class ChunkSender {
  /** A chunk of more bytes is cut in two. */
  private static final int MOST_CHUNK_BYTES = 1 << 20;

  private final Wire wire;
  private final TaskStream stream;
  private final Function function;

  ChunkSender(Wire wire, TaskStream stream, FunctionReference reference) {
    this.wire = wire;
    this.stream = stream;
    this.function = Protos.function(reference);
  }

  /**
   * Sends calls, waiting until the pool takes them.
   *
   * @param calls the arguments of each
   * @param sent gets the chunks in the order of the calls
   * @throws ForkyardException if an argument cannot be encoded or is too large; the chunk with it
   *     was not sent
   * @throws StatusRuntimeException if the stream has ended
   * @throws InterruptedException if interrupted
   */
  void send(List<@Nullable Object[]> calls, Consumer<Chunk> sent) throws InterruptedException {
    Payload arguments = Values.encodeChunk(wire.codec(), calls);
    int half = calls.size() / 2;
    if (half > 0 && arguments.getSerializedSize() > MOST_CHUNK_BYTES) {
      send(calls.subList(0, half), sent);
      send(calls.subList(half, calls.size()), sent);
      return;
    }
    Values.checkSize(arguments);
    sent.accept(stream.send(function, calls.size(), arguments));
  }

  /** {@return the size of chunks that a caller asked for, if it makes sense} */
  static int checkSize(int chunkSize) {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("a chunk needs at least 1 call, not " + chunkSize);
    }
    return chunkSize;
  }
}
