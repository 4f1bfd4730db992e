package dev.forkyard.server.rpc;

/** Texts that are cut in the middle, so that they still begin and end as they did. */
final class Shortened {
  private static final String GAP = "\u2026";

  private Shortened() {}

  /**
   * A text of at most so many bytes of UTF-8: the text itself, or its beginning and its end.
   *
   * @param mostBytes at least 3, for the sign that stands for what is missing
   */
  static String to(int mostBytes, String text) {
    if (end(text, mostBytes) == text.length()) {
      return text;
    }
    int half = (mostBytes - bytes(GAP.codePointAt(0))) / 2;
    return text.substring(0, end(text, half)) + GAP + text.substring(begin(text, half));
  }

  /** Where a part ends that goes from the beginning and has at most so many bytes. */
  private static int end(String text, int mostBytes) {
    int at = 0;
    int rest = mostBytes;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      rest -= bytes(character);
      if (rest < 0) {
        break;
      }
      at += Character.charCount(character);
    }
    return at;
  }

  /** Where a part begins that goes to the end and has at most so many bytes. */
  private static int begin(String text, int mostBytes) {
    int at = text.length();
    int rest = mostBytes;
    while (at > 0) {
      int character = text.codePointBefore(at);
      rest -= bytes(character);
      if (rest < 0) {
        break;
      }
      at -= Character.charCount(character);
    }
    return at;
  }

  private static int bytes(int character) {
    if (character < 0x80) {
      return 1;
    }
    return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  }
}
