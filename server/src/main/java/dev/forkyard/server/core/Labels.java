package dev.forkyard.server.core;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Words to find things by: a few short values by key. */
public final class Labels {
  private static final int MOST = 32;
  private static final int MOST_VALUE_BYTES = 256;

  private Labels() {}

  /**
   * Checks and copies labels.
   *
   * @throws Fault INVALID_ARGUMENT
   */
  public static Map<String, String> checked(Map<String, String> labels) {
    if (labels.size() > MOST) {
      throw Fault.invalid("labels", "There are at most " + MOST + " labels.").with("limit", MOST);
    }
    labels.forEach(Labels::check);
    return Map.copyOf(labels);
  }

  private static void check(String key, String value) {
    if (!Ids.isValid(key)) {
      throw Fault.invalid(
              "labels",
              "The key of a label must be 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a"
                  + " letter or a digit.")
          .with("value", key.length() > 100 ? key.substring(0, 100) + "…" : key);
    }
    if (value.getBytes(StandardCharsets.UTF_8).length > MOST_VALUE_BYTES) {
      throw Fault.invalid(
              "labels",
              "The value of label \"" + key + "\" is longer than " + MOST_VALUE_BYTES + " bytes.")
          .with("key", key)
          .with("limit", MOST_VALUE_BYTES);
    }
  }
}
