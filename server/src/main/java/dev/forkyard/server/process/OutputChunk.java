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

  /** The same without the beginning of a character whose rest is still to come. */
  public OutputChunk cutAtCharacter() {
    int whole = Utf8.wholeCharacters(bytes);
    if (closed || whole == bytes.length) {
      return this;
    }
    // what is not closed and has the end is after it
    return new OutputChunk(
        Arrays.copyOf(bytes, whole),
        nextCursor - (bytes.length - whole),
        droppedBytes,
        late,
        false,
        end);
  }

  /** The bytes as text; what is no UTF-8 is replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
