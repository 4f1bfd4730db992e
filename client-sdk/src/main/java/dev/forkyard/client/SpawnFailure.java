package dev.forkyard.client;

import java.util.Optional;

/**
 * Why the operating system did not start a run.
 *
 * @param errno number of the error
 * @param errnoName its name, such as {@code ENOENT}
 * @param stage what was being done, such as {@code LOOKUP} or {@code EXEC}
 * @param path the path that it was about; empty when it was about none
 * @param message a sentence that says what to do
 */
public record SpawnFailure(
    int errno, String errnoName, String stage, Optional<String> path, String message) {

  static SpawnFailure of(dev.forkyard.v1.SpawnError error) {
    return new SpawnFailure(
        error.getErrno(),
        error.getErrnoName(),
        error.getStage(),
        error.getPath().isEmpty() ? Optional.empty() : Optional.of(error.getPath()),
        error.getMessage());
  }
}
