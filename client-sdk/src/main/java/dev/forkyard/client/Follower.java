package dev.forkyard.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.client.internal.AnswerStream;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.FollowOutputResponse;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessServiceGrpc;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Follows one output stream, from a position to its end. When the connection breaks it goes on at
 * the same byte. One thread reads; any may close.
 */
final class Follower implements AutoCloseable {
  private final Wire wire;
  private final String processId;
  private final OutputStream stream;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private @Nullable AnswerStream<FollowOutputResponse> answers;

  @GuardedBy("lock")
  private boolean closed;

  private long cursor;
  private @Nullable OutputPiece afterGap;
  private boolean ended;

  Follower(Wire wire, String processId, OutputStream stream, long cursor) {
    this.wire = wire;
    this.processId = processId;
    this.stream = stream;
    this.cursor = cursor;
  }

  /**
   * Waits for the next piece; null after the last.
   *
   * @throws OutputLostException if bytes before the next piece are gone; the next call answers it
   * @throws ForkyardException if the daemon refuses, or this was closed
   */
  @Nullable OutputPiece next() throws InterruptedException {
    OutputPiece held = afterGap;
    if (held != null) {
      afterGap = null;
      return held;
    }
    while (!ended) {
      OutputPiece piece = receive();
      if (piece == null || piece.getEnd()) {
        ended = true;
      }
      if (piece == null) {
        return null;
      }
      cursor = piece.getNextCursor();
      if (piece.getDroppedBytes() > 0) {
        afterGap = piece.getData().isEmpty() ? null : piece;
        throw new OutputLostException(processId, piece.getDroppedBytes(), piece.getCursor());
      }
      if (!piece.getData().isEmpty()) {
        return piece;
      }
    }
    return null;
  }

  @Override
  public void close() {
    AnswerStream<FollowOutputResponse> open;
    synchronized (lock) {
      closed = true;
      open = answers;
    }
    if (open != null) {
      open.close();
    }
  }

  private @Nullable OutputPiece receive() throws InterruptedException {
    try {
      return pieceOf(answers().next(null));
    } catch (StatusRuntimeException e) {
      if (!Errors.isConnectionLost(e)) {
        throw Errors.translate(e);
      }
    }
    forget();
    try {
      return pieceOf(answers().next(null));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static @Nullable OutputPiece pieceOf(@Nullable FollowOutputResponse answer) {
    return answer == null ? null : answer.getOutput();
  }

  private AnswerStream<FollowOutputResponse> answers() {
    synchronized (lock) {
      if (closed) {
        throw Errors.of(
            ForkyardException.Code.CANCELLED,
            "STREAM_CLOSED",
            "this stream was closed; open another one");
      }
      if (answers == null) {
        answers = wire.open(ProcessServiceGrpc.getFollowOutputMethod(), request());
      }
      return answers;
    }
  }

  private void forget() {
    synchronized (lock) {
      answers = null;
    }
  }

  private FollowOutputRequest request() {
    FollowOutputRequest.Builder request =
        FollowOutputRequest.newBuilder().setProcessId(processId).addStreams(stream);
    return (stream == OutputStream.OUTPUT_STREAM_STDERR
            ? request.setStderrCursor(cursor)
            : request.setStdoutCursor(cursor))
        .build();
  }
}
