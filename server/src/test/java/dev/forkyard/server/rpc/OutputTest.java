package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.OutputExtent;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StartProcessResponse;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept output, read from positions. */
class OutputTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() {
    processes = ProcessServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static StartProcessRequest script(String script) {
    return StartProcessRequest.newBuilder()
        .setCommand(CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script)))
        .build();
  }

  private static ProcessInfo ended(String script) {
    return awaited(processes.startProcess(script(script)));
  }

  private static ProcessInfo awaited(StartProcessResponse started) {
    String id = started.getProcess().getProcessId();
    return processes
        .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess();
  }

  private static ReadOutputRequest.Builder from(String id, long cursor) {
    return ReadOutputRequest.newBuilder().setProcessId(id).setCursor(cursor);
  }

  private static ReadOutputResponse read(ReadOutputRequest.Builder request) {
    return processes.readOutput(request.build());
  }

  @Test
  void streamsAreKeptApartToTheLastByte() {
    String id = ended("printf 'out\\n\\0no newline'; printf err >&2").getProcessId();
    ReadOutputResponse out = read(from(id, 0));
    assertThat(out.getData()).isEqualTo(ByteString.copyFromUtf8("out\n\0no newline"));
    assertThat(out.getEnd()).isTrue();
    assertThat(out.getNextCursor()).isEqualTo(15);
    ReadOutputResponse err = read(from(id, 0).setStream(OutputStream.OUTPUT_STREAM_STDERR));
    assertThat(err.getData().toStringUtf8()).isEqualTo("err");
  }

  @Test
  void cursorIsAByteOffsetAndReadingGoesOnFromTheNextOne() {
    String id = ended("printf 0123456789").getProcessId();
    ReadOutputResponse first = read(from(id, 2).setMaxBytes(3));
    assertThat(first.getData().toStringUtf8()).isEqualTo("234");
    assertThat(first.getEnd()).isFalse();
    ReadOutputResponse rest = read(from(id, first.getNextCursor()));
    assertThat(rest.getData().toStringUtf8()).isEqualTo("56789");
    assertThat(rest.getEnd()).isTrue();
    ReadOutputResponse nothing = read(from(id, 10));
    assertThat(nothing.getData()).isEmpty();
    assertThat(nothing.getEnd()).isTrue();
  }

  @Test
  void cursorsAndSizesOutOfRangeAreRefused() {
    String id = ended("printf 0123456789").getProcessId();
    for (long cursor : new long[] {-1, 11, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertRefused(Code.OUT_OF_RANGE, "CURSOR_OUT_OF_RANGE", () -> read(from(id, cursor)));
    }
    for (int bytes : new int[] {-1, (1 << 20) + 1, Integer.MIN_VALUE}) {
      assertRefused(
          Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> read(from(id, 0).setMaxBytes(bytes)));
    }
    assertRefused(
        Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> read(from(id, 0).setStreamValue(77)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7})
  void textIsNeverCutInsideACharacter(int maxBytes) {
    String id = ended("printf 'aä€😀z'").getProcessId();
    StringBuilder text = new StringBuilder();
    long cursor = 0;
    for (int reads = 0; reads < 20; reads++) {
      ReadOutputResponse part = read(from(id, cursor).setMaxBytes(maxBytes).setAsText(true));
      assertThat(part.getText()).doesNotContain("\ufffd");
      text.append(part.getText());
      cursor = part.getNextCursor();
      if (part.getEnd()) {
        break;
      }
    }
    assertThat(text.toString()).isEqualTo("aä€😀z");
  }

  @Test
  void invalidBytesAreReplacedInTextAndKeptInData() {
    String id = ended("printf 'a\\377b\\303'").getProcessId();
    ReadOutputResponse text = read(from(id, 0).setAsText(true));
    assertThat(text.getText()).isEqualTo("a\ufffdb\ufffd");
    assertThat(text.getEnd()).isTrue();
    assertThat(read(from(id, 0)).getData().toByteArray()).containsExactly('a', 0xff, 'b', 0xc3);
  }

  @Test
  void reopeningTheStreamByNameLeavesEarlierOutputIntact() {
    String reopening =
        "echo one >&2; echo two > /dev/stderr; echo three | tee /dev/stderr; echo four >&2;"
            + " echo 4 > /dev/stdout; echo 5";
    assertStreams(ended(reopening).getProcessId(), "three\n4\n5\n", "one\ntwo\nthree\nfour\n");
  }

  @Test
  void reopeningTheStreamByNameFromPythonLeavesEarlierOutputIntact() {
    assumeThat(ended("command -v python3").getExit().getCode()).as("there is Python").isZero();
    String program =
        "import os; os.write(1, b'1\\n'); os.write(2, b'one\\n');"
            + " open('/dev/stdout', 'w').write('2\\n'); open('/dev/stderr', 'w').write('two\\n');"
            + " os.write(1, b'3')";
    String id = ended("python3 -c \"" + program + "\"").getProcessId();
    assertStreams(id, "1\n2\n3", "one\ntwo\n");
  }

  private static void assertStreams(String id, String stdout, String stderr) {
    assertThat(read(from(id, 0)).getData().toStringUtf8()).isEqualTo(stdout);
    assertThat(
            read(from(id, 0).setStream(OutputStream.OUTPUT_STREAM_STDERR)).getData().toStringUtf8())
        .isEqualTo(stderr);
  }

  @Test
  void lastBytesWithoutANewlineAreThereHoweverBusyTheMachineIs() throws Exception {
    int busy = 2 * Runtime.getRuntime().availableProcessors();
    List<String> load = new ArrayList<>();
    for (int i = 0; i < busy; i++) {
      load.add(processes.startProcess(script("while :; do :; done")).getProcess().getProcessId());
    }
    var futures = ProcessServiceGrpc.newFutureStub(DAEMON.channel());
    for (int wave = 0; wave < 8; wave++) {
      List<ListenableFuture<StartProcessResponse>> starts = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        int size = 5000 * i;
        String last = "head -c %d /dev/zero | tr '\\0' x; printf last%d; printf err%d >&2";
        starts.add(futures.startProcess(script(last.formatted(size, i, i))));
      }
      for (int i = 0; i < starts.size(); i++) {
        ProcessInfo process = awaited(starts.get(i).get());
        String id = process.getProcessId();
        String out = read(from(id, 0).setMaxBytes(1 << 20)).getData().toStringUtf8();
        assertThat(out.equals("x".repeat(5000 * i) + "last" + i)).isTrue();
        assertThat(
                read(from(id, 0).setStream(OutputStream.OUTPUT_STREAM_STDERR))
                    .getData()
                    .toStringUtf8())
            .isEqualTo("err" + i);
      }
    }
    for (String id : load) {
      processes.stopProcess(StopProcessRequest.newBuilder().setProcessId(id).build());
    }
  }

  @Test
  void grandchildThatHoldsTheOutputHoldsUpNothing() {
    ProcessInfo process = ended("sleep 600 & echo $!");
    String pid = read(from(process.getProcessId(), 0)).getData().toStringUtf8().strip();
    assertThat(ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive)).contains(true);
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void whatAGrandchildWritesAfterTheEndIsKeptApartAndMarked() throws IOException {
    Path gate = DAEMON.get().directory().resolve("gate");
    String script = "mkfifo %1$s; (read -r line < %1$s; echo late) & echo early".formatted(gate);
    String id = ended(script).getProcessId();
    ReadOutputResponse early = read(from(id, 0));
    assertThat(early.getData().toStringUtf8()).isEqualTo("early\n");
    assertThat(early.getEnd()).isTrue();
    assertThat(early.getLate()).isFalse();

    Files.writeString(gate, "go\n");
    Files.delete(gate);
    await().atMost(TestDaemon.PATIENCE).until(() -> info(id).getStdout().getEndCursor() == 11);
    assertThat(read(from(id, 0))).isEqualTo(early);
    ReadOutputResponse late = read(from(id, early.getNextCursor()));
    assertThat(late.getData().toStringUtf8()).isEqualTo("late\n");
    assertThat(late.getLate()).isTrue();
    assertThat(late.getEnd()).isTrue();
    assertThat(info(id).getStdout())
        .isEqualTo(OutputExtent.newBuilder().setEndCursor(11).setLateBytes(5).build());
  }

  private static ProcessInfo info(String id) {
    return processes
        .getProcess(GetProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess();
  }

  private static ReadOutputRequest.Builder tail(String id, long bytes) {
    return ReadOutputRequest.newBuilder().setProcessId(id).setTailBytes(bytes);
  }

  @Test
  void tailBeginsSoManyBytesBeforeTheEnd() {
    String id = ended("printf 0123456789").getProcessId();
    assertThat(read(tail(id, 3)).getData().toStringUtf8()).isEqualTo("789");
    assertThat(read(tail(id, 3).setMaxBytes(1)).getNextCursor()).isEqualTo(8);
    assertThat(read(tail(id, 0)).getData()).isEmpty();
    assertThat(read(tail(id, 0)).getEnd()).isTrue();
    ReadOutputResponse all = read(tail(id, Long.MAX_VALUE));
    assertThat(all.getData().toStringUtf8()).isEqualTo("0123456789");
    assertThat(all.getDroppedBytes()).isZero();
  }

  @Test
  void tailOfTextBeginsWithAWholeCharacter() {
    String id = ended("printf 'aä€😀z'").getProcessId();
    assertThat(read(tail(id, 4).setAsText(true)).getText()).isEqualTo("z");
    assertThat(read(tail(id, 5).setAsText(true)).getText()).isEqualTo("😀z");
    assertThat(read(tail(id, 7).setAsText(true)).getText()).isEqualTo("😀z");
    assertThat(read(tail(id, 4)).getData().size()).isEqualTo(4);
  }

  @Test
  void tailThatMakesNoSenseIsRefused() {
    String id = ended("printf 0123456789").getProcessId();
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> read(tail(id, -1)));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> read(tail(id, 1).setCursor(1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 6, 7, 8, 9})
  void invalidBytesAreReplacedAlikeWhereverAChunkEnds(int maxBytes) {
    String id =
        ended("printf 'a\\377\\303b\\342\\202z\\360\\237\\230\\0\\200\\200x\\303'").getProcessId();
    String whole = read(from(id, 0).setAsText(true)).getText();
    StringBuilder text = new StringBuilder();
    ReadOutputResponse part = read(from(id, 0).setMaxBytes(maxBytes).setAsText(true));
    while (!part.getEnd()) {
      text.append(part.getText());
      part = read(from(id, part.getNextCursor()).setMaxBytes(maxBytes).setAsText(true));
    }
    assertThat(text.append(part.getText()).toString()).isEqualTo(whole);
  }

  @Test
  void descriptorsOfOutputAreGivenBack() throws IOException {
    ended("echo warm; echo up >&2");
    Path descriptors = Path.of("/proc", Long.toString(DAEMON.get().process().pid()), "fd");
    int before = count(descriptors);
    for (int i = 0; i < 20; i++) {
      ended("echo out; echo err >&2");
    }
    await().atMost(TestDaemon.PATIENCE).until(() -> count(descriptors) <= before);
  }

  private static int count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return (int) entries.count();
    }
  }

  @Test
  void outputOfADeletedProcessLeavesTheDisk() {
    Path folder = DAEMON.get().directory().resolve("state/output");
    String id = ended("echo out; echo err >&2").getProcessId();
    assertThat(OutputOnDisk.files(folder, id)).hasSize(2);
    processes.deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
    await().atMost(TestDaemon.PATIENCE).until(() -> OutputOnDisk.files(folder, id).isEmpty());
  }
}
