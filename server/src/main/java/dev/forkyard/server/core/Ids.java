package dev.forkyard.server.core;

import java.security.SecureRandom;
import java.util.regex.Pattern;

/** Names of things: checked when a caller chooses them, random when the daemon does. */
public final class Ids {
  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /**
   * @throws Fault INVALID_ARGUMENT when the id is not one
   */
  public static void check(String field, String id) {
    if (!isValid(id)) {
      throw Fault.invalid(
              field,
              field
                  + " must be 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a"
                  + " digit, or empty to let the daemon choose.")
          .with("value", id.length() > 100 ? id.substring(0, 100) + "…" : id);
    }
  }

  /** True for what can be an id. */
  public static boolean isValid(String id) {
    return VALID.matcher(id).matches();
  }

  /** A short random id, such as {@code q-7f3kq2m9x4}. */
  public static String random(String prefix) {
    long fiftyOneBits = RANDOM.nextLong() >>> 13;
    return prefix + "-" + Long.toString(fiftyOneBits | (1L << 51), 36);
  }

  /** 128 random bits as text. */
  public static String secret() {
    return Long.toHexString(RANDOM.nextLong()) + "-" + Long.toHexString(RANDOM.nextLong());
  }
}
