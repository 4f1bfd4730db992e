package dev.forkyard.client;

import com.google.protobuf.ByteString;
import dev.forkyard.v1.CloseInputRequest;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.WriteInputRequest;
import dev.forkyard.v1.WriteInputResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of a process that was started with {@link ProcessSpec#pipeStdin} or {@link
 * ProcessSpec#terminal}. Bytes arrive as they were written.
 *
 * <p>A write returns when the daemon has accepted all of it, and waits while the process does not
 * read and the buffer of the daemon is full. Nothing is kept back, so {@link #flush} has nothing to
 * do; wrap it in a {@link java.io.BufferedOutputStream} for many small writes. What was accepted
 * and not read by the process when it ends is lost.
 *
 * <p>Every refusal is an {@link IOException} with the {@link ForkyardException} as its cause:
 * INPUT_NOT_OPEN if the process has no such input, INPUT_CLOSED after {@link #close}, after the
 * process closed its side, and after its end. An interrupted write throws an {@link
 * InterruptedIOException} that tells how many bytes were accepted for sure, and leaves the thread
 * interrupted; up to 262,144 bytes more may have been accepted.
 *
 * <p>Thread-safe; writes of several threads of more than 262,144 bytes may mix.
 */
public final class ProcessInput extends OutputStream {
  private static final int PIECE_BYTES = 1 << 18;
  private static final Set<String> CLOSED_ALREADY =
      Set.of("INPUT_NOT_OPEN", "PROCESS_NOT_FOUND", "CLIENT_CLOSED");

  private final Wire wire;
  private final String processId;

  ProcessInput(Wire wire, String processId) {
    this.wire = wire;
    this.processId = processId;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    int written = 0;
    while (written < length) {
      int size = Math.min(PIECE_BYTES, length - written);
      try {
        Wire.await(start(ByteString.copyFrom(bytes, offset + written, size)));
      } catch (ForkyardException e) {
        throw new IOException(e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupt = new InterruptedIOException("interrupted while writing");
        interrupt.bytesTransferred = written;
        throw interrupt;
      }
      written += size;
    }
  }

  /**
   * Writes text as UTF-8.
   *
   * @param text the text; nothing is added to it
   * @throws IOException as every write
   */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes in the background, after what was written before.
   *
   * @param bytes the bytes; they are copied
   * @return completes on a thread of the SDK when all of it was accepted, or with the {@link
   *     ForkyardException} that an {@link IOException} of {@link #write(byte[])} would have as its
   *     cause; cancelling it does not take the write back
   */
  public CompletableFuture<@Nullable Void> writeAsync(byte[] bytes) {
    return wire.<WriteInputResponse, @Nullable Void>handOver(
        startAll(ByteString.copyFrom(bytes)), accepted -> null);
  }

  /**
   * Ends the input: the process reads the end of file after what was written before. On a terminal
   * the end-of-file character is typed. Not broken off by an interrupt. Closing again, or when
   * there is no such input or no such process, does nothing.
   *
   * @throws IOException if the daemon cannot be reached
   */
  @Override
  public void close() throws IOException {
    try {
      wire.call(
          ProcessServiceGrpc.getCloseInputMethod(),
          CloseInputRequest.newBuilder().setProcessId(processId).build());
    } catch (ForkyardException e) {
      if (!CLOSED_ALREADY.contains(e.reason())) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }

  private CompletableFuture<WriteInputResponse> startAll(ByteString bytes) {
    if (bytes.size() <= PIECE_BYTES) {
      return start(bytes);
    }
    return start(bytes.substring(0, PIECE_BYTES))
        .thenCompose(accepted -> startAll(bytes.substring(PIECE_BYTES)));
  }

  private CompletableFuture<WriteInputResponse> start(ByteString piece) {
    WriteInputRequest request =
        WriteInputRequest.newBuilder().setProcessId(processId).setData(piece).build();
    return wire.start(ProcessServiceGrpc.getWriteInputMethod(), request);
  }
}
