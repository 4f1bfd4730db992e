package dev.forkyard.server.os;

import dev.forkyard.server.os.SpawnException.Stage;
import java.util.concurrent.CompletableFuture;

/**
 * Starts a process at another niceness from its first instruction on: on a thread of its own, which
 * then ends, as a thread that has become nicer may not be allowed to go back.
 */
final class NiceSpawn {
  private record Outcome(int error, int pid) {}

  private NiceSpawn() {}

  /**
   * Answers the pid, or the negative errno of the start. Waits for the thread, which inherits the
   * umask of the caller.
   *
   * @throws SpawnException when the kernel refuses the niceness; nothing was started
   */
  static int spawn(PosixSpawn posixSpawn, PosixSpawn.Call call, int nice) throws SpawnException {
    Outcome outcome =
        CompletableFuture.supplyAsync(
                () -> {
                  int error = Sys.setNiceness(nice);
                  return new Outcome(error, error < 0 ? 0 : posixSpawn.spawn(call));
                },
                work -> Children.daemonThread(work, "os-spawn-nice").start())
            .join();
    if (outcome.error() < 0) {
      throw new SpawnException(
          Stage.NICENESS,
          -outcome.error(),
          "",
          "The daemon may not start a process with niceness %d: %s. Use a larger one, or give the daemon the privilege (RLIMIT_NICE)."
              .formatted(nice, Sys.errnoText(-outcome.error())));
    }
    return outcome.pid();
  }
}
