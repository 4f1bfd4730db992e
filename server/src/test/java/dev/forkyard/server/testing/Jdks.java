package dev.forkyard.server.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The JDKs of this machine. */
public final class Jdks {
  private Jdks() {}

  /** The one that runs. */
  public static Path running() {
    return Path.of(System.getProperty("java.home"));
  }

  /** One whose flags and warnings are not those of 17, beside the one that runs; or that one. */
  public static Path newer() {
    try (Stream<Path> siblings = Files.list(running().resolveSibling(""))) {
      return siblings
          .filter(home -> home.getFileName().toString().matches(".*\\b2[5-9]\\b.*"))
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .findFirst()
          .orElse(running());
    } catch (IOException notToBeSeen) {
      return running();
    }
  }

  /** Both. */
  public static Stream<Path> homes() {
    return Stream.of(running(), newer()).distinct();
  }
}
