package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the order in which items are taken, or in which they died. Higher priorities come
 * first.
 */
public record Place(int priority, long number) {
  static final Place FRONT = new Place(Integer.MAX_VALUE, 0);
  private static final Pattern TOKEN = Pattern.compile("(\\d)-([0-9a-z]{1,12})");

  /**
   * @throws Fault INVALID_ARGUMENT
   */
  public static Place parse(String token) {
    if (token.isEmpty()) {
      return FRONT;
    }
    Matcher parts = TOKEN.matcher(token);
    if (!parts.matches()) {
      throw Fault.invalid(
          "page_token", "page_token must be the next_page_token of an earlier answer.");
    }
    return new Place(Integer.parseInt(parts.group(1)), Long.parseLong(parts.group(2), 36));
  }

  String token() {
    return priority + "-" + Long.toString(number, 36);
  }
}
