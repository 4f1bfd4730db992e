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
  static final int DESCRIPTORS = 1000;

  private final Process shell;
  private final int pid;
  private final BufferedReader output;

  private DaemonProcess(Process shell, int pid, BufferedReader output) {
    this.shell = shell;
    this.pid = pid;
    this.output = output;
  }

  /** Starts it with a variable RAW that is no UTF-8 and a soft limit of {@link #DESCRIPTORS}. */
  static DaemonProcess start(String locale, List<String> jvmOptions, String mode, Path directory)
      throws IOException {
    Files.createDirectories(directory);
    List<String> command = new ArrayList<>();
    // The shell stays as the parent, from which the JVM inherits its limit, and tells the JVM's
    // pid.
    String script =
        "export RAW=$'\\xff'; ulimit -Sn "
            + DESCRIPTORS
            + "; exec 3<&0; \"$@\" <&3 & echo $!; wait";
    command.addAll(List.of("bash", "-c", script, "bash"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", Objects.requireNonNull(System.getProperty("java.class.path"))));
    command.addAll(List.of(SmallDaemon.class.getName(), mode, directory.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", locale);
    Process shell = builder.start();
    BufferedReader output = shell.inputReader(StandardCharsets.UTF_8);
    int pid = Integer.parseInt(Objects.requireNonNull(output.readLine()));
    return new DaemonProcess(shell, pid, output);
  }

  String line() throws IOException {
    return Objects.requireNonNull(output.readLine(), "the daemon ended");
  }

  /** All lines on both of its streams, until it ends. */
  List<String> lines() throws InterruptedException {
    List<String> lines = output.lines().toList();
    shell.waitFor();
    return lines;
  }

  void kill() throws InterruptedException {
    Sys.kill(pid, Signal.KILL.number());
    shell.waitFor(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    if (shell.isAlive()) {
      Sys.kill(pid, Signal.KILL.number());
    }
    shell.destroyForcibly();
  }
}
