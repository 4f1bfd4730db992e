package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What makes two workers the same: how they are started, and what their JDK, their jars and their
 * working directory are at this moment.
 *
 * @param stamps path, size and time of the JDK's release file and of every jar
 * @param directory identity of the working directory, which another one may have at its path later;
 *     null for that of the daemon
 */
record LaunchKey(WorkerSpec spec, List<String> stamps, @Nullable Object directory) {
  /** Keys are remembered, so they have a bound. */
  private static final long MOST_CHARACTERS = 1 << 18;

  /** How its virtual machine is started. */
  JavaRuntime java() {
    return (JavaRuntime) spec.runtime();
  }

  /**
   * Looks at the files; null when it is not Java, or too large to remember, or something is no
   * file, such as a directory of classes, whose changes nobody can see. Blocks on the disk.
   */
  static @Nullable LaunchKey of(WorkerSpec spec) {
    return spec.runtime() instanceof JavaRuntime java && characters(spec, java) <= MOST_CHARACTERS
        ? of(spec, java)
        : null;
  }

  private static long characters(WorkerSpec spec, JavaRuntime java) {
    return Stream.of(
            java.classPath(),
            java.jvmFlags(),
            spec.environment().keySet(),
            spec.environment().values())
        .flatMap(Collection::stream)
        .mapToLong(String::length)
        .sum();
  }

  private static @Nullable LaunchKey of(WorkerSpec spec, JavaRuntime java) {
    try {
      List<String> stamps = new ArrayList<>();
      stamps.add(stamp(Path.of(java.programs(), "release")));
      for (String jar : java.classPath()) {
        stamps.add(stamp(Path.of(jar)));
      }
      return new LaunchKey(spec, List.copyOf(stamps), directory(spec.cwd()));
    } catch (IOException | InvalidPathException noFile) {
      return null;
    }
  }

  private static @Nullable Object directory(String path) throws IOException {
    return path.isEmpty()
        ? null
        : Files.readAttributes(Path.of(path), BasicFileAttributes.class).fileKey();
  }

  private static String stamp(Path file) throws IOException {
    BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
    if (!facts.isRegularFile()) {
      throw new IOException(file + " is no file");
    }
    return file + " " + facts.size() + " " + facts.lastModifiedTime().toMillis();
  }
}
