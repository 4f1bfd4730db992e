package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.internal.SocketPath;
import dev.forkyard.client.internal.Transport;
import dev.forkyard.v1.Counts;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A daemon in a process of its own, in a directory of its own. */
public final class TestDaemon implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A line of the log: time, level, text. */
  private static final String LOG_LINE = "\\d{4}-\\d\\d-\\d\\dT\\S+ (INFO|WARNING|SEVERE) .*";

  private final Path directory;
  private final Process process;
  private final BufferedReader output;
  private final Transport transport;

  private TestDaemon(Path directory, Process process, BufferedReader output) {
    this.directory = directory;
    this.process = process;
    this.output = output;
    this.transport = new Transport(SocketPath.parse("unix:" + socket(directory)));
  }

  /** Starts a daemon and waits until it serves. */
  public static TestDaemon start() throws IOException {
    return startWith();
  }

  /** Starts a daemon that starts no workers ahead, which come and go by themselves. */
  public static TestDaemon startWithoutSpares() throws IOException {
    return startWith("--spares", "0");
  }

  private static TestDaemon startWith(String... more) throws IOException {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options = new ArrayList<>(standardOptions(directory));
    options.addAll(List.of(more));
    return start(directory, launch(directory, options));
  }

  /** Waits until a daemon that was launched with the standard options serves. */
  public static TestDaemon start(Path directory, Process process) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    assertThat(line)
        .as("log: %s", log(directory))
        .isEqualTo("forkyard: ready at unix:" + socket(directory));
    await()
        .atMost(PATIENCE)
        .until(() -> log(directory).stream().anyMatch(said -> said.contains(" INFO serving at ")));
    return new TestDaemon(directory, process, output);
  }

  public static List<String> standardOptions(Path directory) {
    return List.of("--socket", socket(directory).toString(), "--state-dir", directory + "/state");
  }

  /** Starts the command with any options. Its log goes to a file of the directory. */
  public static Process launch(Path directory, List<String> options) throws IOException {
    return launch(directory, System.getProperty("java.home"), options);
  }

  /** As {@link #launch(Path, List)}, on a given JDK. */
  public static Process launch(Path directory, String javaHome, List<String> options)
      throws IOException {
    return launch(List.of(), directory, javaHome, options);
  }

  /** As {@link #launch(Path, List)}, executed by a program that changes something before. */
  public static Process launchBy(Path directory, List<String> before, List<String> options)
      throws IOException {
    return launch(before, directory, System.getProperty("java.home"), options);
  }

  /**
   * As {@link #launch(Path, List)}, with a small disk in memory as its state directory. Nobody else
   * sees that disk, and it goes away with the daemon.
   */
  public static Process launchOnSmallDisk(Path directory, String size, List<String> options)
      throws IOException {
    Path state = Files.createDirectories(directory.resolve("state"));
    String mount = "mount -t tmpfs -o mode=0700,size=%s tmpfs %s".formatted(size, state);
    List<String> unshared = List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c");
    List<String> before = new ArrayList<>(unshared);
    before.addAll(List.of(mount + " && exec \"$@\"", "sh"));
    return launch(before, directory, System.getProperty("java.home"), options);
  }

  private static Process launch(
      List<String> before, Path directory, String javaHome, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(javaHome + "/bin/java");
    command.add("--enable-native-access=ALL-UNNAMED");
    if (Files.readString(Path.of(javaHome, "release")).contains("JAVA_VERSION=\"25")
        || Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m"));
    command.addAll(List.of("-cp", classPath()));
    command.add("dev.forkyard.server.daemon.Main");
    command.addAll(options);
    Files.createDirectories(directory);
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  /** The class path of the tests without the logging library that only other test tools need. */
  private static String classPath() {
    String all = Objects.requireNonNull(System.getProperty("java.class.path"));
    return Stream.of(all.split(File.pathSeparator))
        .filter(entry -> !entry.contains("slf4j"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  public static Path socket(Path directory) {
    return directory.resolve("s");
  }

  public Path directory() {
    return directory;
  }

  public Path socket() {
    return socket(directory);
  }

  public Process process() {
    return process;
  }

  public ManagedChannel channel() {
    return transport.channel();
  }

  /** How much of everything lives in it now. */
  public Counts counts() {
    return SystemServiceGrpc.newBlockingStub(channel())
        .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
        .getCounts();
  }

  /** What it prints after it said where its Unix socket is: the address on TCP, if it has one. */
  public String tcpAddress() throws IOException {
    String line = output.readLine();
    assertThat(line).startsWith("forkyard: ready at t");
    return line.substring("forkyard: ready at ".length());
  }

  /** What it has logged so far. */
  public List<String> log() {
    return log(directory);
  }

  public static List<String> log(Path directory) {
    try {
      Path log = directory.resolve("log");
      return Files.exists(log) ? Files.readAllLines(log) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal to the daemon. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** The pids of everything that the daemon of a directory has started and that lives. */
  public static List<Long> started(Path directory) {
    String marker = "FORKYARD_ADDRESS=unix:" + socket(directory);
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      return processes.map(ProcessHandle::pid).filter(pid -> carries(pid, marker)).toList();
    }
  }

  private static boolean carries(long pid, String marker) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
      return List.of(new String(environment, StandardCharsets.ISO_8859_1).split("\0", -1))
          .contains(marker);
    } catch (IOException gone) {
      return false;
    }
  }

  /** Waits until nothing lives that the daemon of a directory has started. */
  public static void awaitNothingLeft(Path directory) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(started(directory)).isEmpty());
  }

  /**
   * Ends the daemon in order, and checks that it leaves nothing: no child, no socket, no file but
   * the lock and archives of classes, no line that is not its own and none of trouble.
   */
  @Override
  public void close() throws IOException {
    closeAfter(line -> false);
  }

  /** As {@link #close}, of a daemon that had to warn of something. */
  public void closeAfter(Predicate<String> warning) throws IOException {
    transport.close();
    process.toHandle().destroy();
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    assertThat(process.exitValue()).as("exit code; log: %s", log()).isZero();
    assertThat(output.readLine()).as("more on standard output").isNull();
    assertThat(log()).allMatch(line -> line.matches(LOG_LINE));
    assertThat(log()).last(STRING).endsWith(" INFO stopped");
    assertThat(log())
        .filteredOn(warning.negate())
        .noneMatch(line -> line.matches("\\S+ (WARNING|SEVERE) .*"));
    awaitNothingLeft(directory);
    assertThat(files(directory.resolve("state"))).containsExactly("lock");
    assertThat(files(directory)).containsExactly("log", "state/lock");
    delete(directory);
  }

  /** Ends it at once, if it has not ended. */
  public void kill() {
    transport.close();
    process.destroyForcibly();
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> !Files.isDirectory(file))
          .filter(file -> !file.toString().contains("/archives/")) // made to stay
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  public static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
