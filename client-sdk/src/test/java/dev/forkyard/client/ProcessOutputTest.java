package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.forkyard.v1.OutputPiece;
import dev.forkyard.v1.OutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessOutputTest {
  private final FakeProcesses fake = new FakeProcesses();
  private FakeDaemon daemon;
  private Wire wire;
  private ProcessOutput output;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    wire = Forkyard.openWire(daemon.address());
    output = new ProcessOutput(wire, "p", OutputStream.OUTPUT_STREAM_STDOUT);
  }

  @AfterEach
  void disconnect() throws Exception {
    wire.close();
    daemon.close();
  }

  private static OutputPiece piece(long cursor, ByteString data) {
    return OutputPiece.newBuilder()
        .setCursor(cursor)
        .setData(data)
        .setNextCursor(cursor + data.size())
        .build();
  }

  private static OutputPiece piece(long cursor, String text) {
    return piece(cursor, ByteString.copyFromUtf8(text));
  }

  private static OutputPiece end(long cursor) {
    return OutputPiece.newBuilder().setCursor(cursor).setNextCursor(cursor).setEnd(true).build();
  }

  private static void assertLost(long bytes, long resume, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            OutputLostException.class,
            lost -> {
              assertThat(lost.lostBytes()).isEqualTo(bytes);
              assertThat(lost.resumeCursor()).isEqualTo(resume);
            });
  }

  private static void assertLostAsCause(long bytes, long resume, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IOException.class,
            failure ->
                assertLost(
                    bytes,
                    resume,
                    () -> {
                      throw failure.getCause();
                    }));
  }

  @Test
  void readAllRefusesToHideAGap() {
    fake.output = ByteString.copyFromUtf8("what is left");
    assertThat(output.readAll()).isEqualTo("what is left");
    fake.outputStart = 100;
    assertLost(100, 100, () -> output.readAll());
    ProcessOutput.Piece left = output.read(40, 1_000);
    assertThat(left.droppedBytes()).isEqualTo(60);
    assertThat(left.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("what is left");
  }

  @Test
  void tailBeginsWithAWholeCharacter() {
    fake.output = ByteString.copyFromUtf8("für 😀 ende");
    assertThat(output.tail(4)).isEqualTo("ende");
    assertThat(output.tail(5)).isEqualTo(" ende");
    assertThat(output.tail(6)).isEqualTo(" ende");
    assertThat(output.tail(8)).isEqualTo(" ende");
    assertThat(output.tail(9)).isEqualTo("😀 ende");
  }

  @Test
  void linesAreWholeWhereverThePiecesAreCutAndInvalidBytesAreReplaced() {
    ByteString text = ByteString.copyFromUtf8("für\nzwei\r\n\ndrei");
    fake.followScripts.add(
        List.of(
            piece(0, text.substring(0, 2)),
            piece(2, text.substring(2, 8)),
            piece(8, text.substring(8)),
            piece(text.size(), ByteString.copyFrom(new byte[] {(byte) 0xff})),
            end(text.size() + 1)));
    try (Stream<String> lines = output.lines()) {
      assertThat(lines).containsExactly("für", "zwei", "", "drei\ufffd");
    }
    assertThat(fake.follows.get(0).getStreamsList())
        .containsExactly(OutputStream.OUTPUT_STREAM_STDOUT);
  }

  @Test
  void lineIsGivenAsSoonAsItIsWritten() throws Exception {
    fake.followScripts.add(List.of(piece(0, "one\ntw")));
    Stream<String> lines = output.lines();
    assertThat(lines.iterator().next()).isEqualTo("one");
    lines.close();
    fake.followGone.await();
  }

  @Test
  void streamIsByteExactAndEndsWithTheProcess() throws Exception {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    ByteString all = ByteString.copyFrom(bytes);
    fake.followScripts.add(
        List.of(piece(0, all.substring(0, 100)), piece(100, all.substring(100)), end(256)));
    try (InputStream in = output.stream()) {
      assertThat(in.read()).isZero();
      assertThat(in.readAllBytes()).isEqualTo(all.substring(1).toByteArray());
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void nothingIsAskedForBeforeTheFirstRead() throws Exception {
    output.stream().close();
    output.lines().close();
    assertThat(fake.follows).isEmpty();
  }

  @Test
  void readerIsToldOfAGapAndGoesOnBehindIt() throws Exception {
    fake.followScripts.add(
        List.of(
            piece(0, "ab"),
            piece(1_000, "yz").toBuilder().setDroppedBytes(998).build(),
            end(1_002)));
    try (InputStream in = output.stream()) {
      assertThat(in.readNBytes(2)).asString(StandardCharsets.UTF_8).isEqualTo("ab");
      assertLostAsCause(998, 1_000, () -> in.read());
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("yz");
    }
  }

  @Test
  void linesTellOfAGapToo() {
    fake.followScripts.add(
        List.of(piece(500, "late\n").toBuilder().setDroppedBytes(500).build(), end(505)));
    try (Stream<String> lines = output.lines()) {
      assertLost(500, 500, lines::toList);
    }
  }

  @Test
  void followerGoesOnAtTheSameByteAfterABrokenConnection() throws Exception {
    fake.followScripts.add(List.of(piece(10, "abc")));
    fake.followScripts.add(List.of(piece(13, "def"), end(16)));
    try (InputStream in = output.stream(10)) {
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("abcdef");
    }
    assertThat(fake.follows).extracting("stdoutCursor").containsExactly(10L, 13L);
  }

  @Test
  void connectionThatStaysBrokenIsTold() {
    fake.followScripts.add(List.of());
    fake.followScripts.add(List.of());
    fake.followScripts.add(List.of());
    assertThatThrownBy(() -> output.stream().read())
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(ForkyardException.class);
    assertThat(fake.follows).hasSize(2);
  }

  @Test
  void closeEndsTheReadOfAnotherThread() throws Exception {
    fake.followScripts.add(List.of(piece(0, "a")));
    InputStream in = output.stream();
    assertThat(in.read()).isEqualTo('a');
    FutureTask<Integer> read = new FutureTask<>(in::read);
    Thread reader = new Thread(read);
    reader.start();
    in.close();
    assertThatThrownBy(read::get).hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
  }

  @Test
  void interruptedReadLosesNothing() throws Exception {
    fake.followScripts.add(List.of(piece(0, "abc"), end(3)));
    try (InputStream in = output.stream()) {
      assertThat(in.read()).isEqualTo('a');
      assertThat(in.readNBytes(2)).hasSize(2);
      Thread.currentThread().interrupt();
      fake.followScripts.add(List.of());
      InputStream waiting = output.stream(3);
      assertThatThrownBy(waiting::read).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
      waiting.close();
    }
  }
}
