package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import java.util.List;
import java.util.Map;

/**
 * How to start a Java worker.
 *
 * @param javaHome installation directory; empty for the daemon's own
 * @param classPath absolute paths of jars, the worker runtime first
 * @param cwd working directory; empty for that of the daemon
 */
public record WorkerSpec(
    String javaHome,
    List<String> classPath,
    List<String> jvmFlags,
    String cwd,
    Map<String, String> environment,
    boolean clearEnvironment) {

  public WorkerSpec {
    if (classPath.isEmpty()) {
      throw Fault.invalid(
          "worker.java.class_path",
          "worker.java.class_path is empty; name the jars of the worker, the Forkyard runtime first.");
    }
    for (String entry : classPath) {
      if (!entry.startsWith("/") || entry.contains("\n")) {
        throw Fault.invalid(
                "worker.java.class_path", "Class path entries must be absolute paths of jars.")
            .with("value", entry);
      }
    }
  }

  /** The programs are found here. */
  String home() {
    return javaHome.isEmpty() ? System.getProperty("java.home") : javaHome;
  }
}
