package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
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
      assertThat(run.child().stdoutBytes()).isEqualTo(3 + i);
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
    assertThat(run.child().stdoutBytes()).isEqualTo(11);
  }

  @Test
  void aGrandchildThatNeverStopsWritingHoldsUpNothing() {
    Yard.Run run = yard.shell("yes & exit 6");
    assertThat(run.exit().code()).hasValue(6);
    run.child().discardOutput();
    assertThat(Yard.await(run.child().signalGroup(Signal.KILL))).isTrue();
    await().atMost(PATIENCE).until(() -> Yard.await(run.child().groupMembers()).isEmpty());
    assertThat(run.child().lostBytes()).isPositive();
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

  @Test
  void aFullDiskLosesCountedBytesAndNothingElse() throws SpawnException {
    int[] ends = new int[2];
    assertThat(Sys.pipe(ends)).isZero();
    assertThat(Sys.setNonBlocking(ends[0], Sys.O_RDONLY)).isZero();
    OutputPipe pipe = new OutputPipe(ends[0], Sys.open("/dev/full", Sys.O_WRONLY, 0));
    try (Poller poller = new Poller("os-test");
        CopyBuffer buffer = new CopyBuffer()) {
      CountDownLatch ended = new CountDownLatch(1);
      assertThat(pipe.start(poller, buffer, ended::countDown)).isTrue();
      Sys.write(ends[1], buffer.address(), 1000);
      await().atMost(PATIENCE).until(() -> pipe.lost() == 1000);
      Sys.write(ends[1], buffer.address(), 10);
      Sys.close(ends[1]);
      await().atMost(PATIENCE).until(() -> ended.getCount() == 0);
    }
    assertThat(pipe.lost()).isEqualTo(1010);
    assertThat(pipe.kept()).isZero();
  }

  @Test
  void readingIsByPositionAndNeverThroughALink() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "0123456789");
    assertThat(OutputFiles.read(file, 3, 4)).isEqualTo("3456".getBytes(StandardCharsets.US_ASCII));
    assertThat(OutputFiles.read(file, 8, 100)).isEqualTo("89".getBytes(StandardCharsets.US_ASCII));
    assertThat(OutputFiles.read(file, 100, 4)).isEmpty();
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThatThrownBy(() -> OutputFiles.read(link, 0, 4)).isInstanceOf(IOException.class);
  }

  @Test
  @Tag("stress")
  void aGigabyteIsByteExact() throws IOException {
    long size = 1L << 30;
    Yard.Run run = yard.shell("seq 1 200000000 | head -c " + size);
    ChildExit exit = run.ended().orTimeout(300, TimeUnit.SECONDS).join();
    assertThat(exit.code()).hasValue(0);
    assertThat(run.child().stdoutBytes()).isEqualTo(size);
    assertThat(checksum(run.spec().stdoutFile())).isEqualTo(checksumOfSequence(size));
  }

  private static long checksum(Path file) throws IOException {
    CRC32 sum = new CRC32();
    byte[] block = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        sum.update(block, 0, n);
      }
    }
    return sum.getValue();
  }

  private static long checksumOfSequence(long size) {
    CRC32 sum = new CRC32();
    long rest = size;
    StringBuilder lines = new StringBuilder();
    for (long number = 1; rest > 0; number++) {
      lines.append(number).append('\n');
      if (lines.length() > 1 << 16) {
        byte[] bytes = lines.toString().getBytes(StandardCharsets.US_ASCII);
        int n = (int) Math.min(bytes.length, rest);
        sum.update(bytes, 0, n);
        rest -= n;
        lines.setLength(0);
      }
    }
    return sum.getValue();
  }
}
