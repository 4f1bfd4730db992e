package dev.forkyard.server.os;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;

/** Processes that belong to no yard. */
final class Strangers {
  private Strangers() {}

  /** Starts one that leads a group. */
  static Process start() throws IOException {
    Process process = new ProcessBuilder("setsid", "sleep", "1000").start();
    int pid = (int) process.pid();
    await()
        .atMost(Duration.ofSeconds(Yard.PATIENCE_SECONDS))
        .until(() -> ProcFs.stat(pid).filter(stat -> stat.group() == pid).isPresent());
    return process;
  }

  static boolean alive(int pid) {
    return ProcFs.stat(pid).filter(ProcFs.Stat::alive).isPresent();
  }
}
