package dev.forkyard.server.rpc;

import com.google.protobuf.ByteString;
import dev.forkyard.server.process.FollowRequest;
import dev.forkyard.server.process.FollowedPiece;
import dev.forkyard.server.process.OutputStreamName;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Followed output on the wire. */
final class OutputPieces {
  private OutputPieces() {}

  static FollowRequest request(FollowOutputRequest wire) {
    return new FollowRequest(
        wire.getProcessId(),
        streams(wire),
        wire.getStdoutCursor(),
        wire.getStderrCursor(),
        tail(
            wire.hasTailBytes() ? wire.getTailBytes() : null,
            wire.getStdoutCursor(),
            wire.getStderrCursor()),
        wire.getAsText());
  }

  static FollowRequest request(AttachOptions wire) {
    return new FollowRequest(
        wire.getProcessId(),
        EnumSet.allOf(OutputStreamName.class),
        wire.getStdoutCursor(),
        wire.getStderrCursor(),
        tail(
            wire.hasTailBytes() ? wire.getTailBytes() : null,
            wire.getStdoutCursor(),
            wire.getStderrCursor()),
        wire.getAsText());
  }

  private static Set<OutputStreamName> streams(FollowOutputRequest wire) {
    if (wire.getStreamsCount() == 0) {
      return EnumSet.allOf(OutputStreamName.class);
    }
    Set<OutputStreamName> streams = EnumSet.noneOf(OutputStreamName.class);
    wire.getStreamsList().forEach(stream -> streams.add(OutputMessages.stream(stream)));
    return streams;
  }

  private static @Nullable Long tail(@Nullable Long bytes, long stdoutCursor, long stderrCursor) {
    return bytes == null
        ? null
        : OutputMessages.tailBytes(bytes, stdoutCursor != 0 || stderrCursor != 0);
  }

  static OutputPiece wire(FollowedPiece piece, boolean asText) {
    OutputPiece.Builder wire =
        OutputPiece.newBuilder()
            .setStream(
                piece.stream() == OutputStreamName.STDOUT
                    ? OutputStream.OUTPUT_STREAM_STDOUT
                    : OutputStream.OUTPUT_STREAM_STDERR)
            .setCursor(piece.cursor())
            .setNextCursor(piece.nextCursor())
            .setDroppedBytes(piece.dropped())
            .setEnd(piece.end());
    if (asText) {
      wire.setText(piece.text());
    } else {
      wire.setData(ByteString.copyFrom(piece.bytes()));
    }
    return wire.build();
  }
}
