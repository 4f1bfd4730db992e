package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
      Holding held = Holding.of(daemon);

      for (String name : List.of("HUP", "INT", "TERM")) {
        Sys.kill(held.guard(), Signal.named(name).orElseThrow().number());
      }
      daemon.kill();

      await().atMost(PATIENCE).until(() -> held.marked().isEmpty());
      await().atMost(PATIENCE).until(() -> held.members() == 0);
      await().atMost(PATIENCE).until(() -> !Strangers.alive(held.guard()));
    }
  }

  @Test
  void aGuardThatDiesIsReplaced() throws SpawnException {
    try (Yard yard = new Yard(directory)) {
      int first = yard.children.guardPid();
      Sys.kill(first, Signal.KILL.number());
      await().atMost(PATIENCE).until(() -> yard.children.guardPid() != first);
      assertThat(Strangers.alive(yard.children.guardPid())).isTrue();
      assertThat(yard.shell("exit 3").exit().code()).hasValue(3);
    }
  }

  @Test
  void anOrderlyEndLeavesNothingEither() throws SpawnException {
    Holding held;
    try (Yard yard = new Yard(directory)) {
      held = new Holding(yard.marker, yard.children.guardPid(), List.of());
      yard.shell("setsid sleep 1000 & sleep 1000 & exit 0").exit();
      await().atMost(PATIENCE).until(() -> held.marked().size() == 2);
    }
    await().atMost(PATIENCE).until(() -> held.marked().isEmpty());
    assertThat(Strangers.alive(held.guard())).isFalse();
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
    Process recorded = Strangers.start();
    Process reused = Strangers.start();
    Process struck = Strangers.start();
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
}
