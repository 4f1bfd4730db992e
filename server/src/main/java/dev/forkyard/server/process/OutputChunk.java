package dev.forkyard.server.process;

import dev.forkyard.server.os.OutputSlice;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Output read from a position.
 *
 * @param nextCursor where the next read begins
 * @param droppedBytes how many bytes between the cursor asked for and the first of these are gone
 * @param late written after the exit of the process, by somebody whom it left behind
 * @param closed nothing that comes later continues these bytes
 * @param end the process has ended and all that it wrote was read
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record OutputChunk(
    byte[] bytes, long nextCursor, long droppedBytes, boolean late, boolean closed, boolean end) {

  static OutputChunk of(OutputSlice slice, boolean end) {
    return new OutputChunk(
        slice.bytes(), slice.next(), slice.dropped(), slice.late(), slice.closed(), end);
  }

  /**
   * The same without the parts of characters at its sides: at its end when the rest is still to
   * come, at its beginning when what is before was not read.
   *
   * @param inside it may begin inside a character
   */
  OutputChunk ofCharacters(boolean inside) {
    int from = inside || droppedBytes > 0 ? Utf8.continuation(bytes) : 0;
    int to = closed ? bytes.length : Math.max(from, Utf8.wholeCharacters(bytes));
    if (from == 0 && to == bytes.length) {
      return this;
    }
    // a chunk that is cut at its end and has the end of the process is after that
    return new OutputChunk(
        Arrays.copyOfRange(bytes, from, to),
        nextCursor - (bytes.length - to),
        droppedBytes > 0 ? droppedBytes + from : 0,
        late,
        closed,
        end);
  }

  /** The bytes as text; what is no UTF-8 is replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
