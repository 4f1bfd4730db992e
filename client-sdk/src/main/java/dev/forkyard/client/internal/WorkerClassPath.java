package dev.forkyard.client.internal;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The class path that workers need to run the functions of this JVM.
 *
 * <p>Workers get jars only: an archive of classes wants them, and a jar that is named after its
 * content does not change under a worker while its owner compiles again.
 */
public final class WorkerClassPath {
  private static final String BOOTSTRAP = "/META-INF/forkyard/bootstrap-worker.jar";

  private WorkerClassPath() {}

  /**
   * Finds the jars, and packs class directories into jars in the user's cache where that was not
   * yet done. Entries that do not exist are left out, as the JVM does.
   *
   * @return absolute paths of jars, the worker runtime first
   * @throws UncheckedIOException if the cache cannot be used
   */
  public static List<String> ofThisJvm() {
    return of(System.getProperty("java.class.path", ""), JarCache.ofUser());
  }

  static List<String> of(String classPath, JarCache cache) {
    try {
      List<String> jars = new ArrayList<>();
      jars.add(cache.store(bootstrapJar()).toString());
      for (String entry : classPath.split(File.pathSeparator, -1)) {
        Path path = Path.of(entry).toAbsolutePath().normalize();
        if (Files.isDirectory(path)) {
          jars.add(cache.pack(path).toString());
        } else if (Files.isRegularFile(path)) {
          jars.add(path.toString());
        }
      }
      return jars;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The class path for workers cannot be prepared: " + e.getMessage(), e);
    }
  }

  private static byte[] bootstrapJar() throws IOException {
    try (InputStream in = WorkerClassPath.class.getResourceAsStream(BOOTSTRAP)) {
      if (in == null) {
        throw new IOException(
            BOOTSTRAP + " is missing; build the client SDK with Maven, which packs it");
      }
      return in.readAllBytes();
    }
  }
}
