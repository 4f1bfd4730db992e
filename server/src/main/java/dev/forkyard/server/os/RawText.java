package dev.forkyard.server.os;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Text as the kernel has it. A raw string holds one byte in each char, so that bytes which are no
 * valid UTF-8 survive and the locale of the JVM does not matter.
 */
final class RawText {
  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private RawText() {}

  /** The UTF-8 bytes of a text. */
  static String of(String text) {
    return ofBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes that the JDK itself uses for a path. */
  static String of(Path path) {
    return ofBytes(path.toString().getBytes(FILE_NAMES));
  }

  static String ofBytes(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** For people to read. */
  static String shown(String raw) {
    return new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The bytes with the zero that ends them in C. */
  static byte[] terminated(String raw) {
    return (raw + '\0').getBytes(StandardCharsets.ISO_8859_1);
  }
}
