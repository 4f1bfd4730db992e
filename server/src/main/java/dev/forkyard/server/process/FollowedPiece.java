package dev.forkyard.server.process;

import java.nio.charset.StandardCharsets;

/**
 * A piece of one output stream.
 *
 * @param bytes empty at the end
 * @param cursor position of the first byte
 * @param dropped how many bytes before it are kept no more, and were not sent
 * @param end the process has ended, and all that it wrote to this stream was sent
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record FollowedPiece(
    OutputStreamName stream, byte[] bytes, long cursor, long dropped, boolean end) {

  /** Position after the last byte. */
  public long nextCursor() {
    return cursor + bytes.length;
  }

  /** The bytes as text; what is no UTF-8 is replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
