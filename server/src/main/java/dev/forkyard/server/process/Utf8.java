package dev.forkyard.server.process;

/** Where bytes of UTF-8 text may be cut. */
final class Utf8 {
  private Utf8() {}

  /** Answers how many bytes at the beginning can only be the rest of a character. */
  static int continuation(byte[] bytes) {
    int count = 0;
    while (count < Math.min(3, bytes.length) && (bytes[count] & 0xc0) == 0x80) {
      count++;
    }
    return count;
  }

  /** Answers how many of the bytes end with a whole character, given that more may follow. */
  static int wholeCharacters(byte[] bytes) {
    int lead = bytes.length - 1;
    int earliest = Math.max(0, bytes.length - 4);
    while (lead >= earliest && (bytes[lead] & 0xc0) == 0x80) {
      lead--;
    }
    if (lead < earliest) {
      return bytes.length;
    }
    return lead + length(bytes[lead] & 0xff) > bytes.length ? lead : bytes.length;
  }

  /** Length of the character that a byte begins; 1 for what begins none. */
  private static int length(int lead) {
    if (lead >= 0xf0 && lead < 0xf8) {
      return 4;
    }
    if (lead >= 0xe0 && lead < 0xf0) {
      return 3;
    }
    return lead >= 0xc2 && lead < 0xe0 ? 2 : 1;
  }
}
