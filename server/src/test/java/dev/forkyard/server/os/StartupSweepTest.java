package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start finds of a daemon that was killed together with its guard. */
class StartupSweepTest {
  private static final Duration PATIENCE = Duration.ofSeconds(Yard.PATIENCE_SECONDS);

  private final Path directory;
  private final Path ledger;
  private final List<Process> strangers = new ArrayList<>();

  StartupSweepTest(@TempDir Path directory) {
    this.directory = directory;
    ledger = directory.resolve("ledger");
  }

  @AfterEach
  void endStrangers() {
    strangers.forEach(Process::destroyForcibly);
  }

  private ProcFs.Stat stranger() throws IOException {
    Process process = Strangers.start();
    strangers.add(process);
    return ProcFs.stat((int) process.pid()).orElseThrow();
  }

  private void forge(int group, long startTicks) throws IOException {
    Files.writeString(ledger, LedgerEntries.line(group, startTicks), StandardOpenOption.APPEND);
  }

  private void startAnother() throws SpawnException {
    new Yard(directory).close();
  }

  @Test
  void nothingIsLeftAfterTheNextStartAndStrangersAreUntouched() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.start("C", List.of(), "hold", directory)) {
      Holding held = Holding.of(daemon);
      ProcFs.Stat reused = stranger();
      ProcFs.Stat unknown = stranger();
      // the guard can do nothing, and is itself left
      Sys.kill(held.guard(), Signal.STOP.number());
      daemon.kill();
      forge(reused.pid(), reused.startTicks() - 1);
      forge(ProcFs.self(), 1);
      assertThat(held.members()).isGreaterThanOrEqualTo(3L * SmallDaemon.CHILDREN);

      startAnother();

      assertThat(held.marked()).isEmpty();
      assertThat(held.members()).isZero();
      assertThat(Strangers.alive(held.guard())).isFalse();
      assertThat(Strangers.alive(reused.pid())).isTrue();
      assertThat(Strangers.alive(unknown.pid())).isTrue();
      assertThat(ledger).doesNotExist();
    }
  }

  @Test
  void aGroupIsFoundByItsLeaderThoughNobodyInItCarriesTheMarker() throws Exception {
    ProcFs.Stat recorded = stranger();
    write(
        new LedgerEntries(
            "sweep-test", ProcFs.bootId(), Map.of(recorded.pid(), recorded.startTicks())));
    startAnother();
    await().atMost(PATIENCE).until(() -> !Strangers.alive(recorded.pid()));
  }

  @Test
  void nothingIsKilledAfterAnotherBoot() throws Exception {
    ProcFs.Stat recorded = stranger();
    String otherBoot = "00000000-0000-0000-0000-000000000000";
    write(
        new LedgerEntries("sweep-test", otherBoot, Map.of(recorded.pid(), recorded.startTicks())));
    startAnother();
    assertThat(Strangers.alive(recorded.pid())).isTrue();
  }

  @Test
  void whatIsNoLedgerPreventsNoStart() throws Exception {
    Files.write(ledger, new byte[] {0, (byte) 0xff, '\n', '\n', 13});
    try (Yard yard = new Yard(directory)) {
      assertThat(yard.shell("exit 3").exit().code()).hasValue(3);
      assertThat(LedgerEntries.read(ledger).orElseThrow().marker()).isEqualTo(yard.marker);
    }
  }

  @Test
  void aDirectoryInPlaceOfTheLedgerPreventsNoStart() throws Exception {
    Files.createDirectories(ledger.resolve("in the way"));
    try (Yard yard = new Yard(directory)) {
      assertThat(yard.shell("exit 3").exit().code()).hasValue(3);
    }
  }

  @Test
  void everyLivingGroupIsInTheLedgerFromItsStartOn() throws Exception {
    try (Yard yard = new Yard(directory)) {
      Child child = yard.start("sleep", "1000").child();
      assertThat(LedgerEntries.read(ledger).orElseThrow().groups())
          .containsEntry(child.pid(), child.startTicks())
          .containsKey(yard.children.guardPid());
    }
  }

  private void write(LedgerEntries entries) throws IOException {
    Files.write(ledger, entries.text());
  }
}
