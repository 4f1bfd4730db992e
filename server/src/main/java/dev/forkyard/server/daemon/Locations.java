package dev.forkyard.server.daemon;

import dev.forkyard.server.os.Platform;
import dev.forkyard.server.worker.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon listens and keeps its files.
 *
 * @param socket where clients connect
 * @param stateDirectory for lock, output and the files of workers
 */
record Locations(Path socket, Path stateDirectory) {
  /** What the address of a Unix socket can hold. */
  private static final int MOST_SOCKET_PATH_BYTES = 107;

  private static final String WORKER_SUFFIX = ".w";

  /**
   * Finds out what was not said.
   *
   * @throws StartFailure when the socket's path is too long
   */
  static Locations of(
      @Nullable Path socket, @Nullable Path stateDirectory, Map<String, String> environment)
      throws StartFailure {
    Locations locations =
        new Locations(
            (socket == null ? defaultSocket(environment) : socket).toAbsolutePath().normalize(),
            (stateDirectory == null ? defaultState(environment) : stateDirectory)
                .toAbsolutePath()
                .normalize());
    int bytes = locations.workerSocket().toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_SOCKET_PATH_BYTES) {
      throw new StartFailure(
          "the socket path %s is too long: with the %d bytes that are added for workers it has %d bytes, and the operating system allows %d; choose a shorter one with --socket"
              .formatted(
                  locations.socket(), WORKER_SUFFIX.length(), bytes, MOST_SOCKET_PATH_BYTES));
    }
    return locations;
  }

  private static Path defaultSocket(Map<String, String> environment) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path folder =
        runtime.isEmpty()
            ? Path.of("/tmp", "forkyard-" + Platform.effectiveUid())
            : Path.of(runtime, "forkyard");
    return folder.resolve("forkyard.sock");
  }

  private static Path defaultState(Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path base =
        state.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return base.resolve("forkyard");
  }

  /** Where workers connect. */
  Path workerSocket() {
    return socket.resolveSibling(socket.getFileName() + WORKER_SUFFIX);
  }

  Path socketDirectory() {
    return Objects.requireNonNull(socket.getParent());
  }

  Path lockFile() {
    return stateDirectory.resolve("lock");
  }

  /** What the next daemon needs to clean up after this one, should it be killed. */
  Path ledgerFile() {
    return stateDirectory.resolve("ledger");
  }

  Path outputDirectory() {
    return stateDirectory.resolve("output");
  }

  Path workerDirectory() {
    return stateDirectory.resolve("workers");
  }

  /** What makes workers start faster; stays when the daemon ends. */
  Path archiveDirectory() {
    return stateDirectory.resolve("archives");
  }

  /** Where archives are made. */
  Path trainingDirectory() {
    return archiveDirectory().resolve(Workers.Ahead.TRAINING_FOLDER);
  }

  String address() {
    return "unix:" + socket;
  }
}
