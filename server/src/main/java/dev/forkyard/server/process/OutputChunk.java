package dev.forkyard.server.process;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Output read from a position.
 *
 * @param nextCursor where the next read begins
 * @param end the process has ended and everything was read
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record OutputChunk(byte[] bytes, long nextCursor, boolean end) {

  /** The same without the beginning of a character whose rest is still to come. */
  public OutputChunk cutAtCharacter() {
    int whole = Utf8.wholeCharacters(bytes);
    if (end || whole == bytes.length) {
      return this;
    }
    return new OutputChunk(Arrays.copyOf(bytes, whole), nextCursor - (bytes.length - whole), false);
  }

  /** The bytes as text; what is no UTF-8 is replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
