package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes two workers the same: how they are started, and what their JDK and their jars are at
 * this moment.
 *
 * @param stamps path, size and time of the JDK's release file and of every jar
 */
record LaunchKey(WorkerSpec spec, List<String> stamps) {

  /** How its virtual machine is started. */
  JavaRuntime java() {
    return (JavaRuntime) spec.runtime();
  }

  /**
   * Looks at the files; null when it is not Java, or something is no file, such as a directory of
   * classes, whose changes nobody can see. Blocks on the disk.
   */
  static @Nullable LaunchKey of(WorkerSpec spec) {
    return spec.runtime() instanceof JavaRuntime java ? of(spec, java) : null;
  }

  private static @Nullable LaunchKey of(WorkerSpec spec, JavaRuntime java) {
    try {
      List<String> stamps = new ArrayList<>();
      stamps.add(stamp(Path.of(java.programs(), "release")));
      for (String jar : java.classPath()) {
        stamps.add(stamp(Path.of(jar)));
      }
      return new LaunchKey(spec, List.copyOf(stamps));
    } catch (IOException noFile) {
      return null;
    }
  }

  private static String stamp(Path file) throws IOException {
    BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
    if (!facts.isRegularFile()) {
      throw new IOException(file + " is no file");
    }
    return file + " " + facts.size() + " " + facts.lastModifiedTime().toMillis();
  }
}
