package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.util.Map;

/**
 * How to start a worker.
 *
 * @param cwd absolute working directory; empty for that of the daemon
 */
public record WorkerSpec(
    WorkerRuntime runtime, String cwd, Map<String, String> environment, boolean clearEnvironment) {

  public WorkerSpec {
    if (!cwd.isEmpty() && !cwd.startsWith("/")) {
      throw Fault.invalid(
              "worker.cwd", "The working directory of a worker must be an absolute path.")
          .with("value", cwd);
    }
  }

  /**
   * True when its workers note in a file what they do. Others have one assignment at a time, so
   * that their deaths can be told apart.
   */
  public boolean hasJournal() {
    return runtime instanceof JavaRuntime;
  }
}
