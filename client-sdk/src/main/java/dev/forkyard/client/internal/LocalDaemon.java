package dev.forkyard.client.internal;

import com.google.rpc.Code;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A private daemon. It reads a pipe that only this process holds open, and ends when that is
 * closed: by {@link #close}, or by the operating system when this process dies.
 */
public final class LocalDaemon implements AutoCloseable {
  private static final String MAIN_CLASS = "dev.forkyard.server.daemon.Main";
  private static final String READY = "forkyard: ready";
  private static final int START_SECONDS = 30;
  private static final int STOP_SECONDS = 30;
  private static final int FIRST_JAVA_WITH_UNSAFE_FLAG = 24;
  private static final int LOG_LINES_SHOWN = 20;

  private final Path dir;
  private final SocketPath socket;
  private final Process process;

  private LocalDaemon(Path dir, SocketPath socket, Process process) {
    this.dir = dir;
    this.socket = socket;
    this.process = process;
  }

  /**
   * Starts a daemon and waits until it serves.
   *
   * @param env the environment, which may name the directory of a daemon in FORKYARD_HOME
   * @return the daemon, ready
   * @throws StatusRuntimeException if none is found, or it does not start
   */
  public static LocalDaemon start(Map<String, String> env) {
    return start(env, Path.of(System.getProperty("java.io.tmpdir")));
  }

  static LocalDaemon start(Map<String, String> env, Path temp) {
    String classPath = classPath(env);
    Path dir = null;
    try {
      dir =
          Files.createTempDirectory(
              temp,
              "forkyard-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SocketPath socket = SocketPath.parse("unix:" + dir.resolve("forkyard.sock"));
      LocalDaemon daemon = new LocalDaemon(dir, socket, launch(dir, socket, classPath));
      daemon.awaitReady();
      return daemon;
    } catch (IOException e) {
      removeIfMade(dir);
      throw notStarted("its process cannot be made: " + e.getMessage());
    } catch (StatusRuntimeException e) {
      removeIfMade(dir);
      throw e;
    }
  }

  /** {@return where the daemon listens} */
  public SocketPath socket() {
    return socket;
  }

  /** Has the daemon end, waits for it, and removes its directory. Doing it again does nothing. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it has ended already
    }
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ends all the same, and removes its directory
      return;
    }
    remove(dir);
  }

  private void awaitReady() {
    CompletableFuture<Boolean> ready =
        CompletableFuture.supplyAsync(this::readUntilReady, this::run);
    boolean serves = false;
    String problem = "it ended before it was ready";
    try {
      serves = ready.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      problem = "it was not ready within " + START_SECONDS + " seconds";
    } catch (ExecutionException e) {
      problem = "it cannot be heard: " + e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = "the thread was interrupted";
    }
    if (!serves) {
      process.destroyForcibly();
      String log = logTail();
      close();
      throw notStarted(problem + log);
    }
  }

  /** Reads what the daemon says until it serves; after that it says nothing more. */
  private boolean readUntilReady() {
    try {
      BufferedReader said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith(READY)) {
          return true;
        }
      }
    } catch (IOException e) {
      // the same as its end
    }
    return false;
  }

  private void run(Runnable task) {
    Thread thread = new Thread(task, "forkyard-local-daemon");
    thread.setDaemon(true);
    thread.start();
  }

  private String logTail() {
    try {
      List<String> lines = Files.readAllLines(dir.resolve("daemon.log"));
      List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
      return tail.isEmpty() ? "" : "; it wrote last:\n" + String.join("\n", tail);
    } catch (IOException e) {
      return "";
    }
  }

  private static Process launch(Path dir, SocketPath socket, String classPath) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= FIRST_JAVA_WITH_UNSAFE_FLAG) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    // children get the limit of open files that this program has, not the one that a JVM takes
    command.add("-XX:-MaxFDLimit");
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m", "-cp", classPath, MAIN_CLASS));
    command.addAll(List.of("--socket", socket.path().toString()));
    command.addAll(List.of("--state-dir", dir.resolve("state").toString()));
    command.addAll(List.of("--until-stdin-closes", "--remove-state-at-end"));
    return new ProcessBuilder(command).redirectError(dir.resolve("daemon.log").toFile()).start();
  }

  private static String classPath(Map<String, String> env) {
    ClassLoader loader = LocalDaemon.class.getClassLoader();
    if (loader != null && loader.getResource(MAIN_CLASS.replace('.', '/') + ".class") != null) {
      return System.getProperty("java.class.path");
    }
    String home = env.get("FORKYARD_HOME");
    String jars = home == null || home.isEmpty() ? "" : jarsIn(Path.of(home, "lib"));
    if (jars.isEmpty()) {
      throw Refusals.of(
          Code.FAILED_PRECONDITION,
          "DAEMON_NOT_FOUND",
          "the daemon is neither on the class path nor in $FORKYARD_HOME/lib; add forkyard-server"
              + " to the class path or set FORKYARD_HOME to where Forkyard is installed",
          Map.of("forkyard_home", home == null ? "" : home));
    }
    return jars;
  }

  private static String jarsIn(Path lib) {
    try (Stream<Path> files = Files.list(lib)) {
      return String.join(
          File.pathSeparator,
          files.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList());
    } catch (IOException e) {
      return "";
    }
  }

  private static void removeIfMade(@Nullable Path dir) {
    if (dir != null) {
      remove(dir);
    }
  }

  private static void remove(Path dir) {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // it was removed by the daemon in the meantime, or will be with the other temporary files
    }
  }

  private static StatusRuntimeException notStarted(String problem) {
    return Refusals.of(
        Code.UNAVAILABLE,
        "DAEMON_NOT_STARTED",
        "the private daemon did not start: " + problem,
        Map.of("problem", problem));
  }
}
