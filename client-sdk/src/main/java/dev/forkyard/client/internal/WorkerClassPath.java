package dev.forkyard.client.internal;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
   * yet done. Directories that do not exist are left out, as the JVM does: build tools name some
   * that a module does not have. An empty entry is left out too, though the JVM takes it for the
   * current directory: it comes from a separator too many, as test tools leave one, and that
   * directory can be a whole home. Who means it names it, as {@code .}.
   *
   * @return absolute paths of jars, the worker runtime first
   * @throws io.grpc.StatusRuntimeException with reason CLASS_PATH_UNUSABLE if a worker could not
   *     run the classes of this JVM
   * @throws UncheckedIOException if the cache cannot be used
   */
  public static List<String> ofThisJvm() {
    refuseModules(System.getProperty("jdk.module.main"));
    CodeSource own = WorkerClassPath.class.getProtectionDomain().getCodeSource();
    refuseNested(own == null ? "" : String.valueOf(own.getLocation()));
    return of(System.getProperty("java.class.path", ""), JarCache.ofUser());
  }

  /** Refuses a program whose main class is in a module. */
  static void refuseModules(@Nullable String mainModule) {
    if (mainModule != null) {
      throw unusable(
          "this program was started from the module "
              + mainModule
              + ", and workers have a class path, no module path; start it with the same jars on"
              + " the class path: java -cp 'dir/*' MainClass instead of java -p dir -m module",
          mainModule);
    }
  }

  /** Refuses classes that come from a jar inside a jar. */
  static void refuseNested(String location) {
    if (location.contains("!/") || location.startsWith("jar:nested:")) {
      throw unusable(
          "the classes of this program are in jars inside a jar ("
              + location
              + "), which only its own launcher can read; unpack it, for Spring Boot by java"
              + " -Djarmode=tools -jar app.jar extract, and start the jar in the folder that it"
              + " makes",
          location);
    }
  }

  static List<String> of(String classPath, JarCache cache) {
    try {
      Set<String> jars = new LinkedHashSet<>(); // a worker that starts others has the runtime twice
      jars.add(cache.store(bootstrapJar()).toString());
      for (String entry : classPath.split(File.pathSeparator, -1)) {
        if (entry.isEmpty()) {
          continue;
        }
        refuseNested(entry);
        Path path = Path.of(entry).toAbsolutePath().normalize();
        if (Files.isDirectory(path)) {
          jars.add(cache.pack(path).toString());
        } else if (Files.isRegularFile(path)) {
          jars.add(path.toString());
        } else if (entry.endsWith(".jar")) {
          throw unusable(
              path
                  + " is on the class path of this program and does not exist; build it again, or"
                  + " take it off the class path",
              path.toString());
        }
      }
      return List.copyOf(jars);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The class path for workers cannot be prepared: " + e.getMessage(), e);
    }
  }

  private static StatusRuntimeException unusable(String sentence, String entry) {
    return Refusals.of(
        Code.FAILED_PRECONDITION, "CLASS_PATH_UNUSABLE", sentence, Map.of("entry", entry));
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
