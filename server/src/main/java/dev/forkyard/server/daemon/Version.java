package dev.forkyard.server.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The version of the daemon, as the build wrote it. */
final class Version {
  private Version() {}

  static String current() {
    try (InputStream file = Version.class.getResourceAsStream("/dev/forkyard/server/version.txt")) {
      return file == null
          ? "unknown"
          : new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
