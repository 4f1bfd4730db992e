package dev.forkyard.client;

import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One of the two output streams of a process, as the daemon keeps it.
 *
 * <p>Reading never waits for the process and takes nothing away: what was written can be read again
 * and by others. After {@link ManagedProcess#join()} it is complete. Thread-safe.
 */
public final class ProcessOutput {
  private static final int READ_BYTES = 1 << 20;

  private final Wire wire;
  private final String processId;
  private final OutputStream stream;

  ProcessOutput(Wire wire, String processId, OutputStream stream) {
    this.wire = wire;
    this.processId = processId;
    this.stream = stream;
  }

  /**
   * A piece of output.
   *
   * @param bytes the bytes as written
   * @param nextCursor where to read on: a byte offset since the start of the process
   * @param end whether the process has ended and this was the last piece
   */
  @SuppressWarnings("ArrayRecordComponent") // made for one reader, never compared
  public record Piece(byte[] bytes, long nextCursor, boolean end) {}

  /**
   * Reads everything there is now as UTF-8; invalid bytes are replaced.
   *
   * @return the text
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public String readAll() {
    return new String(readAllBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Reads everything there is now.
   *
   * @return the bytes
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public byte[] readAllBytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long cursor = 0;
    for (Piece piece = read(cursor, READ_BYTES); ; piece = read(cursor, READ_BYTES)) {
      all.writeBytes(piece.bytes());
      cursor = piece.nextCursor();
      if (piece.end() || piece.bytes().length == 0) {
        return all.toByteArray();
      }
    }
  }

  /**
   * Reads what there is now from a position.
   *
   * @param cursor a byte offset since the start of the process
   * @param maxBytes most bytes to read, 1 to 1,048,576
   * @return what was read; no bytes if there is nothing after the position yet
   * @throws ForkyardException with reason CURSOR_OUT_OF_RANGE if the position is beyond the end;
   *     PROCESS_NOT_FOUND if the process was forgotten
   */
  public Piece read(long cursor, int maxBytes) {
    ReadOutputRequest request =
        ReadOutputRequest.newBuilder()
            .setProcessId(processId)
            .setStream(stream)
            .setCursor(cursor)
            .setMaxBytes(maxBytes)
            .build();
    ReadOutputResponse read = wire.call(ProcessServiceGrpc.getReadOutputMethod(), request);
    return new Piece(read.getData().toByteArray(), read.getNextCursor(), read.getEnd());
  }
}
