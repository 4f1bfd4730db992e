package dev.forkyard.server.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that runs {@link SmallDaemon}. */
final class DaemonProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private DaemonProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static DaemonProcess start(String locale, String mode, Path directory) throws IOException {
    Files.createDirectories(directory);
    List<String> command = new ArrayList<>();
    // bash can put bytes that are no UTF-8 into the environment
    command.addAll(List.of("bash", "-c", "export RAW=$'\\xff'; exec \"$@\"", "bash"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", Objects.requireNonNull(System.getProperty("java.class.path"))));
    command.addAll(List.of(SmallDaemon.class.getName(), mode, directory.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", locale);
    return new DaemonProcess(builder.start());
  }

  String line() throws IOException {
    return Objects.requireNonNull(output.readLine(), "the daemon ended");
  }

  /** All lines on both of its streams, until it ends. */
  List<String> lines() throws InterruptedException {
    List<String> lines = output.lines().toList();
    process.waitFor();
    return lines;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
