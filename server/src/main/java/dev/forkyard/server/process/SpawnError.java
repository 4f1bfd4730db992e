package dev.forkyard.server.process;

import dev.forkyard.server.os.SpawnException;

/**
 * Why the operating system did not start a run.
 *
 * @param errnoName such as {@code ENOENT}; empty when it was no error of the operating system
 * @param stage what was being done
 * @param path what it was about; empty when it was about no path
 * @param message a sentence that says what to do
 */
public record SpawnError(int errno, String errnoName, String stage, String path, String message) {

  static SpawnError of(Throwable failure) {
    Throwable cause = ProcessFaults.causeOf(failure);
    return cause instanceof SpawnException spawn
        ? new SpawnError(
            spawn.errno(),
            spawn.errnoName(),
            spawn.stage().name(),
            spawn.path(),
            String.valueOf(spawn.getMessage()))
        : new SpawnError(0, "", "", "", ProcessFaults.of(failure).sentence());
  }
}
