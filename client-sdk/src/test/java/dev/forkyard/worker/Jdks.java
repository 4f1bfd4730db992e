package dev.forkyard.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The JDKs of this machine that can run a worker. */
public final class Jdks {
  private static final Path USUAL_FOLDER = Path.of("/usr/lib/jvm");
  private static final int OLDEST = 17;
  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

  private Jdks() {}

  /** {@return the homes of the running JDK and of those in the usual folder, each once} */
  public static List<Path> homes() throws IOException {
    return homes(USUAL_FOLDER);
  }

  static List<Path> homes(Path folder) throws IOException {
    List<Path> homes = new ArrayList<>();
    homes.add(Path.of(System.getProperty("java.home")).toRealPath());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> installed = Files.list(folder)) {
        for (Path home : installed.filter(Jdks::canRunWorkers).sorted().toList()) {
          homes.add(home.toRealPath());
        }
      }
    }
    return homes.stream().distinct().toList();
  }

  private static boolean canRunWorkers(Path home) {
    return Files.isExecutable(home.resolve("bin/java")) && version(home) >= OLDEST;
  }

  /** Reads the first number of the version; that is 1 for Java 8 and older. */
  private static int version(Path home) {
    Path release = home.resolve("release");
    try {
      Matcher version =
          VERSION.matcher(
              Files.exists(release) ? Files.readString(release, StandardCharsets.UTF_8) : "");
      return version.find() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
