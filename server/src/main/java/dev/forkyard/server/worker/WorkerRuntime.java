package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What executes the functions of a worker. */
public sealed interface WorkerRuntime {

  /**
   * A Java virtual machine with the runtime of the SDK.
   *
   * @param home installation directory; empty for the daemon's own
   * @param classPath absolute paths of jars, the worker runtime first
   */
  record JavaRuntime(String home, List<String> classPath, List<String> jvmFlags)
      implements WorkerRuntime {

    public JavaRuntime {
      if (classPath.isEmpty()) {
        throw Fault.invalid(
            "worker.java.class_path",
            "worker.java.class_path is empty; name the jars of the worker, the Forkyard runtime first.");
      }
      for (String entry : classPath) {
        if (!entry.startsWith("/") || entry.indexOf('\n') >= 0 || entry.indexOf('\0') >= 0) {
          throw Fault.invalid(
                  "worker.java.class_path", "Class path entries must be absolute paths of jars.")
              .with("value", entry);
        }
      }
    }

    /**
     * Looks whether the class path is there. Blocks on the disk.
     *
     * @throws Fault INVALID_ARGUMENT
     */
    void checkFiles() {
      for (String entry : classPath) {
        if (!Files.exists(Path.of(entry))) {
          throw Fault.invalid(
                  "worker.java.class_path",
                  "The class path entry " + entry + " is not on the daemon's machine.")
              .with("value", entry);
        }
      }
    }

    /** The programs are found here. */
    String programs() {
      return home.isEmpty() ? System.getProperty("java.home") : home;
    }
  }

  /**
   * Any program that speaks the worker protocol. It has no journal.
   *
   * @param argv the program and its arguments
   */
  record CommandRuntime(List<String> argv) implements WorkerRuntime {

    public CommandRuntime {
      if (argv.isEmpty()) {
        throw Fault.invalid(
            "worker.command.argv",
            "worker.command.argv is empty; name a program, such as [\"sh\", \"worker.sh\"].");
      }
    }
  }
}
