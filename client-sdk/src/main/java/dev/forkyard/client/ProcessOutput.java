package dev.forkyard.client;

import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * One of the two output streams of a process, as the daemon keeps it.
 *
 * <p>Reading takes nothing away: what was written can be read again and by others, and a reader
 * that is slow holds up nobody. Where output is over the limit of the process the oldest bytes go;
 * who would have read them gets an {@link OutputLostException}, and can read on after the gap.
 * Positions are cursors: byte offsets since the first run of the process. Thread-safe.
 *
 * <p>{@link #readAll}, {@link #tail} and {@link #read} answer what there is now and never wait for
 * the process; after {@link ManagedProcess#join()} that is everything. {@link #lines()} and {@link
 * #stream()} follow what is written until the process has ended:
 *
 * <pre>{@code
 * try (Stream<String> lines = process.stdout().lines()) {
 *   lines.filter(line -> line.contains("ERROR")).forEach(System.out::println);
 * }
 * }</pre>
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
   * @param nextCursor where to read on
   * @param end whether the process has ended and this was the last piece
   * @param droppedBytes bytes between the position asked for and this piece, which are kept no more
   * @param late whether others wrote this after the process itself had ended
   */
  @SuppressWarnings("ArrayRecordComponent") // made for one reader, never compared
  public record Piece(
      byte[] bytes, long nextCursor, boolean end, long droppedBytes, boolean late) {}

  /**
   * Reads everything there is now as UTF-8; invalid bytes are replaced.
   *
   * @return the text
   * @throws OutputLostException if some of it is kept no more; {@link #tail} and {@link #read} get
   *     what is left
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public String readAll() {
    return new String(readAllBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Reads everything there is now.
   *
   * @return the bytes
   * @throws OutputLostException if some of it is kept no more; {@link #tail} and {@link #read} get
   *     what is left
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public byte[] readAllBytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long cursor = 0;
    for (Piece piece = read(cursor, READ_BYTES); ; piece = read(cursor, READ_BYTES)) {
      if (piece.droppedBytes() > 0) {
        throw new OutputLostException(
            processId, piece.droppedBytes(), piece.nextCursor() - piece.bytes().length);
      }
      all.writeBytes(piece.bytes());
      cursor = piece.nextCursor();
      if (piece.end() || piece.bytes().length == 0) {
        return all.toByteArray();
      }
    }
  }

  /**
   * Reads the end of what there is now as UTF-8; invalid bytes are replaced, and no character is
   * cut at the beginning.
   *
   * @param bytes how much to read at most, 1 to 1,048,576
   * @return the text; shorter if there is less, or less is kept
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public String tail(int bytes) {
    ReadOutputRequest.Builder request = request(bytes).setTailBytes(bytes);
    byte[] tail = read(request).getData().toByteArray();
    int start = 0;
    while (tail.length == bytes && start < Math.min(3, bytes) && isInsideCharacter(tail[start])) {
      start++;
    }
    return new String(tail, start, tail.length - start, StandardCharsets.UTF_8);
  }

  /**
   * Reads what there is now from a position.
   *
   * @param cursor the position
   * @param maxBytes most bytes to read, 1 to 1,048,576
   * @return what was read; no bytes if there is nothing after the position yet
   * @throws ForkyardException with reason CURSOR_OUT_OF_RANGE if the position is beyond the end;
   *     PROCESS_NOT_FOUND if the process was forgotten
   */
  public Piece read(long cursor, int maxBytes) {
    ReadOutputResponse read = read(request(maxBytes).setCursor(cursor));
    return new Piece(
        read.getData().toByteArray(),
        read.getNextCursor(),
        read.getEnd(),
        read.getDroppedBytes(),
        read.getLate());
  }

  /**
   * Follows the output from its beginning, line by line, as {@link #lines(long)} does.
   *
   * @return the lines
   */
  public Stream<String> lines() {
    return lines(0);
  }

  /**
   * Follows the output from a position, line by line, until the process has ended. A line is read
   * when it is asked for, and that waits for it; a restart does not end the stream. Invalid UTF-8
   * is replaced. Close the stream when it is not read to its end.
   *
   * <p>Reading throws an {@link OutputLostException} where bytes are kept no more, and a {@link
   * ForkyardException} with reason PROCESS_NOT_FOUND if the process was forgotten,
   * CURSOR_OUT_OF_RANGE if the position is beyond the end, INTERRUPTED if the thread is
   * interrupted, which it stays, STREAM_CLOSED if another thread closes it. Use {@link
   * #lines(long)} again to read on.
   *
   * @param cursor where to begin
   * @return the lines, without what ends them; read by one thread
   */
  public Stream<String> lines(long cursor) {
    return follow(cursor).lines();
  }

  /**
   * Follows the output from its beginning, as {@link #stream(long)} does.
   *
   * @return the bytes as written
   */
  public InputStream stream() {
    return stream(0);
  }

  /**
   * Follows the output from a position until the process has ended. A read waits until there is
   * something; a restart does not end the stream. Only a little is fetched ahead. Close the stream
   * when it is not read to its end; it does not buffer what it has read.
   *
   * <p>A read throws an {@link java.io.IOException} when the daemon refuses, with the {@link
   * ForkyardException} as its cause. If that is an {@link OutputLostException}, the next read goes
   * on after the gap. An interrupted read throws an {@link java.io.InterruptedIOException}, leaves
   * the thread interrupted and loses nothing.
   *
   * @param cursor where to begin
   * @return the bytes as written; read by one thread, closed by any
   */
  public InputStream stream(long cursor) {
    return follow(cursor);
  }

  /**
   * Tells what there is now.
   *
   * @return what is kept, and what is not
   * @throws ForkyardException with reason PROCESS_NOT_FOUND if the process was forgotten
   */
  public OutputExtent extent() {
    ProcessInfo info =
        wire.call(
                ProcessServiceGrpc.getGetProcessMethod(),
                GetProcessRequest.newBuilder().setProcessId(processId).build())
            .getProcess();
    return OutputExtent.of(
        stream == OutputStream.OUTPUT_STREAM_STDERR ? info.getStderr() : info.getStdout());
  }

  private FollowedOutput follow(long cursor) {
    return new FollowedOutput(new Follower(wire, processId, stream, cursor));
  }

  private ReadOutputRequest.Builder request(int maxBytes) {
    return ReadOutputRequest.newBuilder()
        .setProcessId(processId)
        .setStream(stream)
        .setMaxBytes(maxBytes);
  }

  private ReadOutputResponse read(ReadOutputRequest.Builder request) {
    return wire.call(ProcessServiceGrpc.getReadOutputMethod(), request.build());
  }

  private static boolean isInsideCharacter(byte utf8) {
    return (utf8 & 0xc0) == 0x80;
  }
}
