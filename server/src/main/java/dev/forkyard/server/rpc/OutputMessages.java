package dev.forkyard.server.rpc;

import com.google.protobuf.ByteString;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.process.OutputChunk;
import dev.forkyard.server.process.OutputRead;
import dev.forkyard.server.process.OutputStreamName;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import java.util.OptionalLong;

/** Output of processes on the wire. */
final class OutputMessages {
  private static final int DEFAULT_READ_BYTES = 64 << 10;
  private static final int MOST_READ_BYTES = 1 << 20;

  /** Less could hold no whole character, and a reader of text would not get on. */
  private static final int LEAST_TEXT_BYTES = 4;

  private OutputMessages() {}

  static OutputRead of(ReadOutputRequest request) {
    return new OutputRead(
        stream(request.getStream()),
        request.getCursor(),
        tailBytes(request),
        readBytes(request),
        request.getAsText());
  }

  static OutputStreamName stream(OutputStream wire) {
    return switch (wire) {
      case OUTPUT_STREAM_UNSPECIFIED, OUTPUT_STREAM_STDOUT -> OutputStreamName.STDOUT;
      case OUTPUT_STREAM_STDERR -> OutputStreamName.STDERR;
      case UNRECOGNIZED ->
          throw Fault.invalid(
              "stream", "stream must be OUTPUT_STREAM_STDOUT or OUTPUT_STREAM_STDERR.");
    };
  }

  private static OptionalLong tailBytes(ReadOutputRequest request) {
    if (!request.hasTailBytes()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(tailBytes(request.getTailBytes(), request.getCursor() != 0));
  }

  /**
   * Checks how much of the end is asked for.
   *
   * @throws Fault INVALID_ARGUMENT when it is negative, or a cursor was given too
   */
  static long tailBytes(long wanted, boolean hasCursor) {
    if (hasCursor) {
      throw Fault.invalid(
          "tail_bytes", "A cursor and tail_bytes both say where to begin; set one of them.");
    }
    if (wanted < 0) {
      throw Fault.invalid("tail_bytes", "tail_bytes must be 0 or more.").with("value", wanted);
    }
    return wanted;
  }

  private static int readBytes(ReadOutputRequest request) {
    int wanted = request.getMaxBytes();
    if (wanted < 0 || wanted > MOST_READ_BYTES) {
      throw Fault.invalid("max_bytes", "max_bytes must be 1 to 1048576, or 0 for 65536.")
          .with("value", wanted);
    }
    if (wanted == 0) {
      return DEFAULT_READ_BYTES;
    }
    return request.getAsText() ? Math.max(wanted, LEAST_TEXT_BYTES) : wanted;
  }

  static ReadOutputResponse wire(OutputChunk chunk, boolean asText) {
    ReadOutputResponse.Builder response =
        ReadOutputResponse.newBuilder()
            .setNextCursor(chunk.nextCursor())
            .setEnd(chunk.end())
            .setDroppedBytes(chunk.droppedBytes())
            .setLate(chunk.late());
    if (asText) {
      response.setText(chunk.text());
    } else {
      response.setData(ByteString.copyFrom(chunk.bytes()));
    }
    return response.build();
  }

  static dev.forkyard.v1.OutputExtent wire(OutputExtent extent) {
    return dev.forkyard.v1.OutputExtent.newBuilder()
        .setStartCursor(extent.start())
        .setEndCursor(extent.end())
        .setRunCursor(extent.runStart())
        .setDroppedBytes(extent.droppedBytes())
        .setLateBytes(extent.lateBytes())
        .build();
  }
}
