package dev.forkyard.client;

import com.google.protobuf.ByteString;
import dev.forkyard.client.internal.AttachStream;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.EndOfInput;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A terminal, or a program, joined to a living process: output comes, input, signals and sizes go,
 * all over one stream and so in one order. Made by {@link ManagedProcess#attach}.
 *
 * <p>{@link #close} only detaches; the process goes on. What the daemon refuses ends the
 * attachment: {@link #onExit} fails with the {@link ForkyardException}, and so does every later
 * call. Thread-safe.
 */
public final class Attachment implements AutoCloseable {
  private final AttachStream stream;
  private final int inputWindow;
  private final CompletableFuture<ExitStatus> exit;

  private Attachment(AttachStream stream, int inputWindow, CompletableFuture<ExitStatus> exit) {
    this.stream = stream;
    this.inputWindow = inputWindow;
    this.exit = exit;
  }

  /**
   * A piece of output.
   *
   * @param isStderr whether it was written to standard error
   * @param bytes the bytes as written
   * @param nextCursor cursor after them
   * @param droppedBytes bytes before this piece that are kept no more, because they were not
   *     received in time
   */
  @SuppressWarnings("ArrayRecordComponent") // made for one reader, never compared
  public record Output(boolean isStderr, byte[] bytes, long nextCursor, long droppedBytes) {}

  static Attachment open(Wire wire, AttachOptions options, Consumer<Output> receiver) {
    wire.checkOpen();
    AttachStream stream =
        new AttachStream(
            wire.transport().channel(),
            wire.callbacks(),
            options,
            piece -> deliver(piece, receiver));
    int window = Wire.join(stream.attached());
    return new Attachment(
        stream,
        window,
        wire.handOver(stream.exited(), process -> ExitStatus.of(process.getExit())));
  }

  /**
   * Sends input, waiting while the process does not read and the window of the daemon is full.
   *
   * @param input the bytes
   * @throws ForkyardException with reason INPUT_NOT_OPEN if the process takes no input,
   *     INPUT_CLOSED if it takes no more, DETACHED after {@link #close}
   * @throws InterruptedException if interrupted; some of the bytes may have been sent then
   */
  public void write(byte[] input) throws InterruptedException {
    if (inputWindow == 0) {
      throw Errors.of(
          ForkyardException.Code.FAILED_PRECONDITION,
          "INPUT_NOT_OPEN",
          "the process takes no input; start it with pipeStdin() or a terminal");
    }
    try {
      stream.write(ByteString.copyFrom(input));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  /**
   * Sends text as UTF-8, as {@link #write(byte[])} does.
   *
   * @param input the text; nothing is added to it
   * @throws ForkyardException as {@link #write(byte[])}
   * @throws InterruptedException if interrupted; some of the text may have been sent then
   */
  public void write(String input) throws InterruptedException {
    write(input.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Ends the input after what was sent before; on a terminal the end-of-file character is typed.
   */
  public void closeInput() {
    send(AttachProcessRequest.newBuilder().setEndOfInput(EndOfInput.getDefaultInstance()));
  }

  /**
   * Tells the process that its terminal has another size. A process without a terminal ends the
   * attachment with reason NO_TERMINAL.
   *
   * @param rows 1 to 65535
   * @param columns 1 to 65535
   */
  public void resize(int rows, int columns) {
    send(AttachProcessRequest.newBuilder().setResize(new TerminalSize(rows, columns).toProto()));
  }

  /**
   * Sends a signal to the whole process group. A name that no signal has ends the attachment with
   * reason UNKNOWN_SIGNAL.
   *
   * @param name the signal, with or without {@code SIG}
   */
  public void signal(String name) {
    send(AttachProcessRequest.newBuilder().setSignal(name));
  }

  /**
   * {@return what completes on a thread of the SDK when the process has ended and all its output
   * was received} It fails with a {@link ForkyardException} when the attachment ends before, with
   * reason DETACHED after {@link #close}, or with what the receiver of the output threw.
   */
  public CompletableFuture<ExitStatus> onExit() {
    return exit.copy();
  }

  /**
   * Detaches; the process goes on. What was sent before arrives; output that has not been received
   * stays with the daemon. Closing again does nothing.
   */
  @Override
  public void close() {
    stream.close();
  }

  private void send(AttachProcessRequest.Builder request) {
    try {
      stream.send(request.build());
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static void deliver(OutputPiece piece, Consumer<Output> receiver) {
    if (!piece.getData().isEmpty() || piece.getDroppedBytes() > 0) {
      receiver.accept(
          new Output(
              piece.getStream() == OutputStream.OUTPUT_STREAM_STDERR,
              piece.getData().toByteArray(),
              piece.getNextCursor(),
              piece.getDroppedBytes()));
    }
  }
}
