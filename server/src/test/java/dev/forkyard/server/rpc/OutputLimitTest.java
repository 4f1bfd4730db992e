package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More output than is kept. */
class OutputLimitTest {
  private static final long LINE = 10;

  private final Path directory;
  private @Nullable TestDaemon started;

  OutputLimitTest() throws IOException {
    directory = Files.createTempDirectory("fy-");
  }

  private void start(String... options) throws IOException {
    List<String> all = new ArrayList<>(TestDaemon.standardOptions(directory));
    all.addAll(List.of(options));
    serve(TestDaemon.launch(directory, all));
  }

  private void serve(Process process) throws IOException {
    started = TestDaemon.start(directory, process);
  }

  private TestDaemon daemon() {
    return Objects.requireNonNull(started);
  }

  private ProcessServiceBlockingStub processes() {
    return ProcessServiceGrpc.newBlockingStub(daemon().channel());
  }

  @AfterEach
  void end() throws IOException {
    if (started != null && started.process().isAlive()) {
      started.close();
    }
  }

  private String run(String script) {
    CommandSpec.Builder command = CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script));
    return processes()
        .startProcess(StartProcessRequest.newBuilder().setCommand(command).build())
        .getProcess()
        .getProcessId();
  }

  private WaitProcessResponse awaited(String id, Duration timeout) {
    return processes()
        .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).setTimeout(timeout).build());
  }

  private ProcessInfo ended(String id) {
    WaitProcessRequest request = WaitProcessRequest.newBuilder().setProcessId(id).build();
    return processes().waitProcess(request).getProcess();
  }

  private ReadOutputResponse read(String id, long cursor) {
    return processes()
        .readOutput(
            ReadOutputRequest.newBuilder()
                .setProcessId(id)
                .setCursor(cursor)
                .setMaxBytes(1 << 20)
                .build());
  }

  private long onDisk() {
    return OutputOnDisk.bytes(directory.resolve("state/output"));
  }

  /** Writes lines of ten bytes, each with its own number. */
  private static String lines(long count) {
    return "seq -f '%09.0f' 0 " + (count - 1);
  }

  /** Watches a process that writes lines until it has ended. */
  private void assertHardLimit(long lines, long limit) {
    String id = run(lines(lines));
    boolean ended = false;
    long cursor = 0;
    long dropped = 0;
    while (!ended) {
      ended = !awaited(id, Duration.newBuilder().setNanos(1_000_000).build()).getTimedOut();
      assertThat(onDisk()).isLessThanOrEqualTo(limit);
      ReadOutputResponse part = read(id, cursor);
      assertLines(part.getData(), cursor + part.getDroppedBytes());
      dropped += part.getDroppedBytes();
      cursor = part.getNextCursor();
    }
    ProcessInfo process = ended(id);
    assertThat(process.getStdout().getEndCursor()).isEqualTo(lines * LINE);
    assertThat(process.getStdout().getDroppedBytes())
        .isEqualTo(process.getStdout().getStartCursor())
        .isBetween(lines * LINE - limit, lines * LINE - limit / 16 * 15 + 8192);
    ReadOutputResponse first = read(id, 0);
    assertThat(first.getDroppedBytes()).isEqualTo(process.getStdout().getStartCursor());
    assertThat(dropped).isLessThanOrEqualTo(process.getStdout().getDroppedBytes());
    long kept = 0;
    for (ReadOutputResponse part = first; ; part = read(id, part.getNextCursor())) {
      assertLines(part.getData(), part.getNextCursor() - part.getData().size());
      kept += part.getData().size();
      if (part.getEnd()) {
        break;
      }
    }
    assertThat(kept + first.getDroppedBytes()).isEqualTo(lines * LINE);
  }

  /** Every byte is the one that was written at its position. */
  private static void assertLines(ByteString data, long cursor) {
    StringBuilder expected = new StringBuilder(data.size() + 20);
    long line = cursor / LINE;
    while (expected.length() < data.size() + LINE) {
      String digits = Long.toString(line++);
      expected.append("0".repeat(9 - digits.length())).append(digits).append('\n');
    }
    int from = (int) (cursor % LINE);
    assertThat(data.toStringUtf8()).isEqualTo(expected.substring(from, from + data.size()));
  }

  @Test
  void outputBeyondTheLimitIsDroppedFromTheOldEndAndCounted() throws IOException {
    start("--output-limit", "1M");
    assertHardLimit(2_000_000, 1 << 20);
  }

  @Test
  @Tag("stress")
  void aGigabyteThroughTheDefaultLimitIsNeverOverIt() throws IOException {
    start();
    assertHardLimit(107_374_182, 64 << 20);
  }

  @Test
  void theLimitInAllIsKeptAndTheProcessWithTheMostLosesItsOldest() throws IOException {
    start("--output-limit", "1M", "--output-limit-total", "1M");
    String small = run("echo small");
    ended(small);
    List<String> writers = List.of(run(lines(300_000)), run(lines(300_000)));
    for (String writer : writers) {
      ended(writer);
      assertThat(onDisk()).isLessThanOrEqualTo(1 << 20);
    }
    assertThat(read(small, 0).getData().toStringUtf8()).isEqualTo("small\n");
    for (String writer : writers) {
      assertThat(read(writer, 0).getDroppedBytes()).isPositive();
    }
  }

  @Test
  void aLineOf200MegabytesAndBinaryZerosAreKeptByteForByte() throws Exception {
    start("--output-limit", "256M");
    String make = "{ head -c 209715200 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero; }";
    assertSameBytes(make, 210_715_200);
  }

  @Test
  @Tag("stress")
  void oneGigabyteIsReadBackAsItWasWritten() throws Exception {
    start("--output-limit", "2G");
    assertSameBytes("seq 1 120000000 | head -c 1073741824", 1L << 30);
  }

  private void assertSameBytes(String script, long size) throws Exception {
    String id = run(script);
    assertThat(ended(id).getStdout().getEndCursor()).isEqualTo(size);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ReadOutputResponse part = read(id, 0);
    digest.update(part.getData().asReadOnlyByteBuffer());
    while (!part.getEnd()) {
      part = read(id, part.getNextCursor());
      assertThat(part.getDroppedBytes()).isZero();
      digest.update(part.getData().asReadOnlyByteBuffer());
    }
    String sum = run(script + " | sha256sum");
    ended(sum);
    assertThat(read(sum, 0).getData().toStringUtf8())
        .startsWith(HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void aFullDiskLosesCountedBytesAndNothingElse() throws Exception {
    serve(TestDaemon.launchOnSmallDisk(directory, "8m", TestDaemon.standardOptions(directory)));
    Path gate = directory.resolve("gate");
    String living = run("mkfifo %1$s; echo before; read -r go < %1$s; echo after".formatted(gate));
    await().atMost(TestDaemon.PATIENCE).until(() -> read(living, 0).getNextCursor() == 7);

    String greedy = run(lines(2_000_000) + "; echo done >&2; exit 3");
    ProcessInfo process = ended(greedy);
    assertThat(process.getExit().getCode()).isEqualTo(3);
    assertThat(process.getStdout().getEndCursor()).isEqualTo(20_000_000);
    long dropped = process.getStdout().getDroppedBytes();
    assertThat(dropped).isBetween(20_000_000L - (8 << 20), 19_000_000L);
    assertThat(countKept(greedy)).isEqualTo(20_000_000 - dropped);
    assertThat(log("is lost: No space left on device")).isEqualTo(1);
    assertThat(log("is written to")).isZero();

    processes().deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(greedy).build());
    Files.writeString(gate, "go\n");
    assertThat(ended(living).getStdout().getDroppedBytes()).isZero();
    assertThat(read(living, 0).getData().toStringUtf8()).isEqualTo("before\nafter\n");
    await().atMost(TestDaemon.PATIENCE).until(() -> log("is written to") == 1);
    endInOrder();
  }

  private long countKept(String id) {
    long kept = 0;
    ReadOutputResponse part = read(id, 0);
    while (true) {
      assertLines(part.getData(), part.getNextCursor() - part.getData().size());
      kept += part.getData().size();
      if (part.getEnd()) {
        return kept;
      }
      part = read(id, part.getNextCursor());
    }
  }

  private long log(String text) {
    return daemon().log().stream().filter(line -> line.contains(text)).count();
  }

  /** The warning in its log is meant. */
  private void endInOrder() throws Exception {
    daemon().process().toHandle().destroy();
    assertThat(daemon().process().waitFor(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isTrue();
    assertThat(daemon().process().exitValue()).isZero();
    daemon().kill();
    TestDaemon.awaitNothingLeft(directory);
    TestDaemon.delete(directory);
  }
}
