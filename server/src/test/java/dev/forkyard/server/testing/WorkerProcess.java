package dev.forkyard.server.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What tests do with the process of a worker. */
public final class WorkerProcess {
  private WorkerProcess() {}

  /** The token that a process was given. */
  public static String token(int pid) {
    return awaitVariable(pid, "FORKYARD_WORKER_TOKEN");
  }

  /** A variable of the environment that a process was given, waited for. */
  public static String awaitVariable(int pid, String name) {
    return await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> variable(pid, name), value -> value != null);
  }

  private static @Nullable String variable(int pid, String name) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "environ"));
      for (String one : new String(environment, StandardCharsets.UTF_8).split("\0", -1)) {
        if (one.startsWith(name + "=")) {
          return one.substring(name.length() + 1);
        }
      }
      return null;
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  public static void kill(int pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-9", Integer.toString(pid)).start().waitFor();
  }
}
