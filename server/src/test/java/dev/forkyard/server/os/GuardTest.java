package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardTest {
  private static final Duration PATIENCE = Duration.ofSeconds(Yard.PATIENCE_SECONDS);

  private final Path directory;

  GuardTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void nothingOutlivesADaemonThatWasKilled() throws IOException, InterruptedException {
    try (DaemonProcess daemon = DaemonProcess.start("C", List.of(), "hold", directory)) {
      String marker = daemon.line();
      int guard = Integer.parseInt(daemon.line());
      List<Integer> groups = new ArrayList<>();
      for (int i = 0; i < SmallDaemon.CHILDREN; i++) {
        groups.add(Integer.valueOf(daemon.line()));
      }
      assertThat(daemon.line()).isEqualTo("ready");
      // each child, its sleep without marker and its sleep with it; a session of its own; one
      // orphan
      await().atMost(PATIENCE).until(() -> marked(marker).size() == 3 * SmallDaemon.CHILDREN + 1);
      await().atMost(PATIENCE).until(() -> members(groups) == 3 * SmallDaemon.CHILDREN);

      for (String name : List.of("HUP", "INT", "TERM")) {
        Sys.kill(guard, Signal.named(name).orElseThrow().number());
      }
      daemon.kill();

      await().atMost(PATIENCE).until(() -> marked(marker).isEmpty());
      await().atMost(PATIENCE).until(() -> members(groups) == 0);
      await().atMost(PATIENCE).until(() -> !alive(guard));
    }
  }

  @Test
  void aGuardThatDiesIsReplaced() throws SpawnException {
    try (Yard yard = new Yard(directory)) {
      int first = yard.children.guardPid();
      Sys.kill(first, Signal.KILL.number());
      await().atMost(PATIENCE).until(() -> yard.children.guardPid() != first);
      assertThat(alive(yard.children.guardPid())).isTrue();
      assertThat(yard.shell("exit 3").exit().code()).hasValue(3);
    }
  }

  @Test
  void anOrderlyEndLeavesNothingEither() throws SpawnException {
    String marker;
    int guard;
    try (Yard yard = new Yard(directory)) {
      marker = yard.marker;
      guard = yard.children.guardPid();
      yard.shell("setsid sleep 1000 & sleep 1000 & exit 0").exit();
      await().atMost(PATIENCE).until(() -> marked(marker).size() == 2);
    }
    await().atMost(PATIENCE).until(() -> marked(marker).isEmpty());
    assertThat(alive(guard)).isFalse();
  }

  @Test
  void aStoppedGuardNeverMakesTheDaemonWait() throws SpawnException {
    try (Yard yard = new Yard(directory)) {
      Sys.kill(yard.children.guardPid(), Signal.named("STOP").orElseThrow().number());
      // more than the pipe holds: 64 KiB of lines
      Guard guard = yard.children.guard();
      for (int group = 1 << 22; group < (1 << 22) + 10_000; group++) {
        guard.record(group, 1);
      }
      assertThat(yard.shell("exit 3").exit().code()).hasValue(3);
      Sys.kill(yard.children.guardPid(), Signal.named("CONT").orElseThrow().number());
      await().atMost(PATIENCE).until(guard::toldAll);
    }
  }

  @Test
  void onlyTheProcessThatWasRecordedIsKilledNeverOneThatGotItsPid() throws Exception {
    Process recorded = stranger();
    Process reused = stranger();
    Process struck = stranger();
    try {
      ProcFs.Stat stat = ProcFs.stat((int) recorded.pid()).orElseThrow();
      runGuard(
          "+ %d %d\n".formatted(stat.pid(), stat.startTicks()),
          "+ %d %d\n".formatted(reused.pid(), stat.startTicks() - 1),
          "+ %d %d\n".formatted(struck.pid(), startTicks(struck)),
          "- %d\n".formatted(struck.pid()));
      assertThat(recorded.waitFor(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(reused.isAlive()).isTrue();
      assertThat(struck.isAlive()).isTrue();
    } finally {
      List.of(recorded, reused, struck).forEach(Process::destroyForcibly);
    }
  }

  private static long startTicks(Process process) {
    return ProcFs.stat((int) process.pid()).orElseThrow().startTicks();
  }

  /** A process that leads a group and is no child of a yard. */
  private static Process stranger() throws IOException {
    Process process = new ProcessBuilder("setsid", "sleep", "1000").start();
    int pid = (int) process.pid();
    await()
        .atMost(PATIENCE)
        .until(() -> ProcFs.stat(pid).filter(stat -> stat.group() == pid).isPresent());
    return process;
  }

  private static void runGuard(String... lines) throws IOException, InterruptedException {
    String script =
        new String(
            Objects.requireNonNull(Guard.class.getResourceAsStream("guard.sh")).readAllBytes(),
            StandardCharsets.UTF_8);
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", "-c", script, "forkyard-guard", "no-such-marker");
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(List.of("PATH"));
    Process guard = builder.start();
    try (Writer input = guard.outputWriter()) {
      for (String line : lines) {
        input.write(line);
      }
    }
    assertThat(guard.waitFor(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  private static List<Integer> marked(String marker) {
    return ProcFs.pids().stream()
        .filter(pid -> ProcFs.carries(pid, Spawner.MARKER_NAME + '=' + marker))
        .toList();
  }

  private static long members(List<Integer> groups) {
    return ProcFs.pids().stream()
        .flatMap(pid -> ProcFs.stat(pid).stream())
        .filter(stat -> stat.alive() && groups.contains(stat.group()))
        .count();
  }

  private static boolean alive(int pid) {
    return ProcFs.stat(pid).filter(ProcFs.Stat::alive).isPresent();
  }
}
