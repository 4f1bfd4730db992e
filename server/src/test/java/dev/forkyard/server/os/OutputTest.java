package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  private static final Duration PATIENCE = Duration.ofSeconds(Yard.PATIENCE_SECONDS);

  private final Path directory;
  private final Yard yard;

  OutputTest(@TempDir Path directory) throws SpawnException {
    this.directory = directory;
    yard = new Yard(directory);
  }

  @AfterEach
  void close() {
    yard.close();
  }

  @Test
  void theLastBytesBeforeTheEndAreThereWhenTheEndIsAnnounced() throws IOException {
    List<Yard.Run> runs = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      runs.add(yard.shell("printf out%s; printf err >&2; exit 3".formatted("x".repeat(i))));
    }
    for (int i = 0; i < runs.size(); i++) {
      Yard.Run run = runs.get(i);
      assertThat(run.exit().code()).hasValue(3);
      assertThat(run.spec().output().stdout().end()).isEqualTo(3 + i);
      assertThat(run.stdout()).isEqualTo("out" + "x".repeat(i));
      assertThat(run.stderr()).isEqualTo("err");
    }
  }

  @Test
  void everyByteValueIsKept() throws IOException {
    Yard.Run run =
        yard.shell(
            "i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %o $i)\"; i=$((i+1)); done");
    run.exit();
    byte[] expected = new byte[256];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) i;
    }
    assertThat(run.stdoutBytes()).isEqualTo(expected);
  }

  @Test
  void writingToDevStderrAgainTruncatesNothing() throws IOException {
    Yard.Run run = yard.shell("echo one >&2; echo two > /dev/stderr; echo three >&2");
    run.exit();
    assertThat(run.stderr()).isEqualTo("one\ntwo\nthree\n");
  }

  @Test
  void aGrandchildThatHoldsStdoutHoldsUpNothing() throws IOException {
    Path gate = directory.resolve("gate");
    assertThat(yard.start("mkfifo", gate.toString()).exit().code()).hasValue(0);
    Yard.Run run =
        yard.shell("(read -r line < %s; echo late) & echo early; exit 5".formatted(gate));
    assertThat(run.exit().code()).hasValue(5);
    assertThat(run.stdout()).isEqualTo("early\n");
    assertThat(Yard.await(run.child().groupMembers())).hasSize(1);

    Files.writeString(gate, "go\n");
    await().atMost(PATIENCE).until(run::stdout, "early\nlate\n"::equals);
    assertThat(run.spec().output().stdout().end()).isEqualTo(11);
  }

  @Test
  void theNextRunAppendsToTheSameLogsAndWhatTheOneBeforeLeftBehindCannotWrite() throws IOException {
    Path gate = directory.resolve("gate");
    Path done = directory.resolve("done");
    assertThat(yard.start("mkfifo", gate.toString()).exit().code()).hasValue(0);
    Yard.Run first =
        yard.shell("(read -r line < %s; echo left; : > %s) & echo one".formatted(gate, done));
    first.exit();
    ProcessOutput output = first.spec().output();
    Yard.await(output.nextRun());
    Files.writeString(gate, "go\n");
    await().atMost(PATIENCE).until(() -> Files.exists(done));
    List<String> argv = List.of("/bin/sh", "-c", "echo two");
    SpawnSpec second =
        new SpawnSpec(argv, Map.of(), false, "", ChildAttributes.DEFAULT, Stdio.DEFAULT, output);
    yard.start(second).exit();
    assertThat(first.stdout()).isEqualTo("one\ntwo\n");
    assertThat(output.stdout().extent().runStart()).isEqualTo(4);
    assertThat(output.stdout().exitBorder()).isEqualTo(8);
  }

  @Test
  void aGrandchildThatNeverStopsWritingHoldsUpNothing() {
    Yard.Run run = yard.shell("yes & exit 6");
    assertThat(run.exit().code()).hasValue(6);
    run.child().discardOutput();
    // false when the end of its output has ended it before
    boolean unused = Yard.await(run.child().signalGroup(Signal.KILL));
    await().atMost(PATIENCE).until(() -> Yard.await(run.child().groupMembers()).isEmpty());
  }

  @Test
  void membersOfAGroupWithoutLeaderAreSignalledOnlyWithOurMarker() {
    Yard.Run run = yard.shell("env -i sleep 1000 & sleep 1000 & echo $!; exit 0");
    run.exit();
    await().atMost(PATIENCE).until(() -> ProcFs.group(run.child().pid()).size() == 2);
    await().atMost(PATIENCE).until(() -> Yard.await(run.child().groupMembers()).size() == 1);
    assertThat(Yard.await(run.child().signalGroup(Signal.KILL))).isTrue();
    await().atMost(PATIENCE).until(() -> Yard.await(run.child().groupMembers()).isEmpty());
    List<ProcFs.Stat> stranger = ProcFs.group(run.child().pid());
    assertThat(stranger).hasSize(1);
    Sys.kill(stranger.get(0).pid(), Signal.KILL.number());
  }
}
