package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.ReadOutputResponse;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept output, read from positions. */
class OutputTest {
  private static TestDaemon daemon;
  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  private static ProcessInfo ended(String script) {
    String id =
        processes
            .startProcess(
                StartProcessRequest.newBuilder()
                    .setCommand(CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script)))
                    .build())
            .getProcess()
            .getProcessId();
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
    String id = ended("echo one >&2; echo two > /dev/stderr; echo three >&2").getProcessId();
    assertThat(
            read(from(id, 0).setStream(OutputStream.OUTPUT_STREAM_STDERR)).getData().toStringUtf8())
        .isEqualTo("one\ntwo\nthree\n");
  }

  @Test
  void grandchildThatHoldsTheOutputHoldsUpNothing() {
    ProcessInfo process = ended("sleep 600 & echo $!");
    String pid = read(from(process.getProcessId(), 0)).getData().toStringUtf8().strip();
    assertThat(ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive)).contains(true);
    ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  @Tag("stress")
  void oneGigabyteIsReadBackAsItWasWritten() throws Exception {
    ProcessInfo process = ended("seq 1 120000000 | head -c 1073741824");
    assertThat(process.getStdout().getEndCursor()).isEqualTo(1L << 30);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long cursor = 0;
    ReadOutputResponse part;
    do {
      part = read(from(process.getProcessId(), cursor).setMaxBytes(1 << 20));
      digest.update(part.getData().asReadOnlyByteBuffer());
      cursor = part.getNextCursor();
    } while (!part.getEnd());
    ProcessInfo sum = ended("seq 1 120000000 | head -c 1073741824 | sha256sum");
    assertThat(read(from(sum.getProcessId(), 0)).getData().toStringUtf8())
        .startsWith(HexFormat.of().formatHex(digest.digest()));
  }
}
