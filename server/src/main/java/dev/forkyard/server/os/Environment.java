package dev.forkyard.server.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Environment variables in raw text (see {@link RawText}). Immutable. */
final class Environment {
  static final Environment EMPTY = new Environment(Map.of());

  private final Map<String, String> values;

  private Environment(Map<String, String> values) {
    this.values = values;
  }

  /** The environment with which this process was started, byte for byte. */
  static Environment ofThisProcess() {
    String block;
    try {
      block = RawText.ofBytes(Files.readAllBytes(Path.of("/proc/self/environ")));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read the daemon's own environment; is /proc mounted?", e);
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String entry : block.split("\0", -1)) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        values.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return new Environment(values);
  }

  /** These variables and those, given as text, which win. */
  Environment with(Map<String, String> more) {
    Map<String, String> both = new LinkedHashMap<>(values);
    more.forEach((name, value) -> both.put(RawText.of(name), RawText.of(value)));
    return new Environment(both);
  }

  @Nullable String get(String name) {
    return values.get(name);
  }

  /** Entries {@code NAME=value}, raw. */
  List<String> entries() {
    return values.entrySet().stream().map(e -> e.getKey() + '=' + e.getValue()).toList();
  }
}
