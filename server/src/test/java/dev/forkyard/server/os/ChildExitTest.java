package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildExitTest {
  private final Path directory;
  private final Yard yard;

  ChildExitTest(@TempDir Path directory) throws SpawnException {
    this.directory = directory;
    yard = new Yard(directory);
  }

  @AfterEach
  void close() {
    yard.close();
  }

  @Test
  void exitCode137IsToldApartFromSigkill() {
    ChildExit code = yard.shell("exit 137").exit();
    assertThat(code.code()).isEqualTo(OptionalInt.of(137));
    assertThat(code.signal()).isEmpty();

    ChildExit signal = yard.shell("kill -KILL $$").exit();
    assertThat(signal.code()).isEmpty();
    assertThat(signal.signal()).contains(Signal.KILL);
    assertThat(signal.coreDumped()).isFalse();
  }

  @Test
  void aCrashIsToldApartFromARefusalToDumpCore() {
    ChildExit crash = yard.shell("ulimit -c 0; kill -SEGV $$").exit();
    assertThat(crash.signal()).isEqualTo(Signal.named("SEGV"));
    assertThat(crash.coreDumped()).isFalse();
  }

  @Test
  void aCoreDumpIsReported() throws IOException {
    assumeThat(Files.readString(Path.of("/proc/sys/kernel/core_pattern")))
        .as("cores go to files")
        .doesNotStartWith("|");
    String limits = Files.readString(Path.of("/proc/self/limits"));
    assumeThat(limits).containsPattern("Max core file size +\\w+ +unlimited");
    String script = "cd %s; ulimit -c unlimited; kill -SEGV $$".formatted(directory);
    ChildExit crash = yard.shell(script).exit();
    assertThat(crash.signal()).isEqualTo(Signal.named("SEGV"));
    assertThat(crash.coreDumped()).isTrue();
  }

  @Test
  void theCoreFlagIsBit7OfTheStatus() {
    ChildExit exit = ChildExit.decode(0x8b, Duration.ZERO, Duration.ZERO, 0, Instant.EPOCH);
    assertThat(exit.signal()).isEqualTo(Signal.named("SEGV"));
    assertThat(exit.coreDumped()).isTrue();
  }

  @Test
  void theUsageOfTheProcessIsReported() {
    ChildExit exit = yard.shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done").exit();
    assertThat(exit.userTime().plus(exit.systemTime())).isPositive();
    // the kernel counts the memory of the moment of the start too, which is that of this JVM
    assertThat(exit.maxRssBytes()).isGreaterThan(100_000);
  }

  @Test
  void theStartIsAnsweredBeforeTheEndIsAnnounced() {
    for (int i = 0; i < 100; i++) {
      List<String> order = Collections.synchronizedList(new ArrayList<>());
      CompletableFuture<ChildExit> ended = new CompletableFuture<>();
      CompletableFuture<Child> started =
          yard.children.spawn(
              yard.spec("/bin/true"),
              exit -> {
                order.add("ended");
                ended.complete(exit);
              });
      CompletableFuture<Void> noted = started.thenAccept(child -> order.add("started"));
      Yard.await(ended);
      Yard.await(noted);
      assertThat(started).isCompleted();
    }
  }

  @Test
  void fiveHundredShortLivesLeaveNothingBehind() {
    liveAndDie(500);
  }

  @Test
  @Tag("stress")
  void twoThousandShortLivesLeaveNothingBehind() {
    liveAndDie(2_000);
  }

  private void liveAndDie(int count) {
    yard.start("/bin/true").exit();
    Leftovers before = Leftovers.now();
    List<CompletableFuture<Child>> starts = new ArrayList<>();
    List<CompletableFuture<ChildExit>> ends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      CompletableFuture<ChildExit> ended = new CompletableFuture<>();
      ends.add(ended);
      starts.add(yard.children.spawn(yard.spec("/bin/true"), ended::complete));
    }
    starts.forEach(Yard::await);
    for (CompletableFuture<ChildExit> end : ends) {
      assertThat(Yard.await(end).code()).hasValue(0);
    }
    assertThat(yard.children.living()).isZero();
    before.awaitNoMore();
  }

  @Test
  void signalsReachTheProcessUntilItIsGone() {
    Yard.Run run = yard.start("sleep", "1000");
    assertThat(run.child().signal(Signal.TERM)).isTrue();
    assertThat(run.exit().signal()).contains(Signal.TERM);
    assertThat(run.child().signal(Signal.TERM)).isFalse();
    assertThat(Yard.await(run.child().signalGroup(Signal.KILL))).isFalse();
    assertThat(Yard.await(run.child().groupMembers())).isEmpty();
  }

  @Test
  void closingKillsWhatIsLeftAndReportsIt() {
    Yard.Run run = yard.shell("trap '' TERM; sleep 1000 & wait");
    Optional<Integer> guard = Optional.of(yard.children.guardPid());
    yard.close();
    assertThat(run.ended()).isCompleted();
    assertThat(run.exit().signal()).contains(Signal.KILL);
    assertThat(ProcFs.group(run.child().pid())).isEmpty();
    assertThat(guard.flatMap(ProcFs::stat)).isEmpty();
    CompletableFuture<Child> late = yard.children.spawn(yard.spec("/bin/true"), exit -> {});
    assertThat(late).isCompletedExceptionally();
    yard.close();
  }
}
