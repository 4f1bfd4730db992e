package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.OutputReader;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CloseInputRequest;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WriteInputRequest;
import dev.forkyard.v1.WriteInputResponse;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Input of processes over unary calls. */
class InputTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final Duration NOT_AT_ALL = Duration.getDefaultInstance();
  private static final int MEGABYTE = 1 << 20;

  /** What a pipe and the buffer of a process take together, at most. */
  private static final int MOST_UNREAD = (256 << 10) + (64 << 10);

  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() {
    processes = ProcessServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static String run(StdinMode stdin, String script) {
    return processes
        .startProcess(
            StartProcessRequest.newBuilder()
                .setCommand(
                    CommandSpec.newBuilder()
                        .addAllArgv(List.of("sh", "-c", script))
                        .setStdin(stdin))
                .build())
        .getProcess()
        .getProcessId();
  }

  private static String reading(String script) {
    return run(StdinMode.STDIN_MODE_PIPE, script);
  }

  private static WriteInputRequest.Builder writing(String id, int bytes) {
    return WriteInputRequest.newBuilder().setProcessId(id).setData(zeros(bytes));
  }

  private static ByteString zeros(int bytes) {
    return ByteString.copyFrom(new byte[bytes]);
  }

  private static long write(String id, String text) {
    return processes
        .writeInput(WriteInputRequest.newBuilder().setProcessId(id).setText(text).build())
        .getAcceptedBytes();
  }

  private static ListenableFuture<WriteInputResponse> writeLater(
      WriteInputRequest.Builder request) {
    return ProcessServiceGrpc.newFutureStub(DAEMON.channel()).writeInput(request.build());
  }

  private static boolean closeInput(String id) {
    return processes
        .closeInput(CloseInputRequest.newBuilder().setProcessId(id).build())
        .getClosed();
  }

  private static int exitCode(String id) {
    return processes
        .withDeadlineAfter(600, TimeUnit.SECONDS)
        .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess()
        .getExit()
        .getCode();
  }

  private static void kill(String id) {
    processes.stopProcess(
        StopProcessRequest.newBuilder().setProcessId(id).setGrace(NOT_AT_ALL).build());
  }

  private static String output(String id) {
    return processes
        .readOutput(ReadOutputRequest.newBuilder().setProcessId(id).build())
        .getData()
        .toStringUtf8();
  }

  private static void awaitOutput(String id, String text) {
    await().atMost(TestDaemon.PATIENCE).until(() -> output(id).contains(text));
  }

  private static void awaitWaitingCalls(int calls) {
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> DAEMON.get().counts().getWaitingCalls() == calls);
  }

  /** Writes until nothing more fits; answers how many bytes were accepted. */
  private static long fill(String id) {
    long accepted = 0;
    while (true) {
      try {
        accepted =
            processes
                .writeInput(writing(id, 4096).setTimeout(NOT_AT_ALL).build())
                .getAcceptedBytes();
      } catch (io.grpc.StatusRuntimeException full) {
        assertThat(Refusals.reason(full)).isEqualTo("INPUT_FULL");
        return accepted;
      }
    }
  }

  private static String refusal(ListenableFuture<WriteInputResponse> call) {
    try {
      call.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("it was accepted");
    } catch (ExecutionException refused) {
      return Refusals.reason(Objects.requireNonNull(refused.getCause()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsWrittenIsReadAndCloseIsTheEndOfFile() {
    String id = reading("cat; echo end");
    assertThat(write(id, "hällo ")).isEqualTo(7);
    assertThat(write(id, "world\n")).isEqualTo(13);
    assertThat(closeInput(id)).isTrue();
    assertThat(closeInput(id)).isFalse();
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_CLOSED", () -> write(id, "more"));
    assertThat(exitCode(id)).isZero();
    assertThat(output(id)).isEqualTo("hällo world\nend\n");
  }

  @Test
  void hundredMegabytesArriveByteForByte() throws Exception {
    String id = reading("cat | cat");
    OutputReader reader =
        OutputReader.follow(
            DAEMON.channel(), FollowOutputRequest.newBuilder().setProcessId(id).build());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Random random = new Random(4711);
    byte[] bytes = new byte[MEGABYTE];
    for (int i = 0; i < 100; i++) {
      random.nextBytes(bytes);
      digest.update(bytes);
      processes.writeInput(
          WriteInputRequest.newBuilder()
              .setProcessId(id)
              .setData(ByteString.copyFrom(bytes))
              .build());
      // keeps within what is kept of the output
      reader.awaitBytes(Math.max(0, (i - 20L) * MEGABYTE));
    }
    assertThat(closeInput(id)).isTrue();
    reader.awaitEnd();
    assertThat(reader.stdout().bytes()).isEqualTo(100L * MEGABYTE);
    assertThat(reader.stdout().checksum()).isEqualTo(HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void inputOfAProcessThatDoesNotReadIsBounded() {
    String id = reading("exec sleep 600");
    assertThat(fill(id)).isBetween(256L << 10, (long) MOST_UNREAD);
    WriteInputRequest.Builder patient =
        writing(id, 4096).setTimeout(Duration.newBuilder().setNanos(50_000_000));
    assertRefused(
        Code.RESOURCE_EXHAUSTED, "INPUT_FULL", () -> processes.writeInput(patient.build()));
    kill(id);
  }

  @Test
  void hundredMegabytesForAProcessThatDoesNotReadAreBoundedInTheWholeDaemon() {
    String id = reading("exec sleep 600");
    List<ListenableFuture<WriteInputResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(writeLater(writing(id, MEGABYTE)));
    }
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> calls.stream().filter(ListenableFuture::isDone).count() >= 36);
    calls.stream()
        .filter(ListenableFuture::isDone)
        .skip(1)
        .forEach(call -> assertThat(refusal(call)).isEqualTo("INPUT_FULL"));
    List<ListenableFuture<WriteInputResponse>> waiting =
        calls.stream().filter(call -> !call.isDone()).toList();
    assertThat(waiting).hasSizeBetween(60, 64);
    kill(id);
    assertThat(waiting).allSatisfy(call -> assertThat(refusal(call)).isEqualTo("INPUT_CLOSED"));
    String next = reading("cat > /dev/null");
    assertThat(write(next, "there is room again")).isPositive();
    closeInput(next);
    assertThat(exitCode(next)).isZero();
  }

  @Test
  void cancelledWriteLeavesNothingOfItself(@TempDir Path folder) throws IOException {
    String gate = folder.resolve("gate").toString();
    String id = reading("mkfifo " + gate + "; echo ready; read x < " + gate + "; exec wc -c");
    awaitOutput(id, "ready");
    long accepted = fill(id);
    ListenableFuture<WriteInputResponse> cancelled = writeLater(writing(id, MEGABYTE));
    awaitWaitingCalls(1);
    cancelled.cancel(true);
    awaitWaitingCalls(0);
    Files.writeString(Path.of(gate), "go\n");
    closeInput(id);
    assertThat(exitCode(id)).isZero();
    assertThat(output(id).strip()).endsWith(Long.toString(accepted));
  }

  @Test
  void waitingWriteIsAcceptedWhenTheProcessReads(@TempDir Path folder) throws Exception {
    String gate = folder.resolve("gate").toString();
    String id = reading("mkfifo " + gate + "; echo ready; read x < " + gate + "; exec wc -c");
    awaitOutput(id, "ready");
    long accepted = fill(id);
    ListenableFuture<WriteInputResponse> waiting = writeLater(writing(id, MEGABYTE));
    awaitWaitingCalls(1);
    Files.writeString(Path.of(gate), "go\n");
    assertThat(waiting.get(60, TimeUnit.SECONDS).getAcceptedBytes()).isEqualTo(accepted + MEGABYTE);
    closeInput(id);
    assertThat(exitCode(id)).isZero();
    assertThat(output(id).strip()).endsWith(Long.toString(accepted + MEGABYTE));
  }

  @Test
  void deadlineOfAWaitingWriteLeavesTheProcessAlone() {
    String id = reading("exec sleep 600");
    fill(id);
    assertThatThrownBy(
            () ->
                processes
                    .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                    .writeInput(writing(id, MEGABYTE).build()))
        .satisfies(
            late ->
                assertThat(Status.fromThrowable(late).getCode()).isEqualTo(Code.DEADLINE_EXCEEDED));
    awaitWaitingCalls(0);
    kill(id);
  }

  @Test
  void writeToAProcessThatHasClosedItsSideIsRefused() {
    String id = reading("exec 0<&-; echo closed; exec sleep 600");
    awaitOutput(id, "closed");
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_CLOSED", () -> write(id, "x"));
    kill(id);
  }

  @Test
  void writeAfterTheEndIsRefused() {
    String id = reading("true");
    exitCode(id);
    assertRefused(Code.FAILED_PRECONDITION, "INPUT_CLOSED", () -> write(id, "x"));
    assertThat(closeInput(id)).isFalse();
  }

  @Test
  void processWithoutInputReadsTheEndOfFileAndTakesNone() {
    for (StdinMode none : List.of(StdinMode.STDIN_MODE_UNSPECIFIED, StdinMode.STDIN_MODE_NONE)) {
      String id = run(none, "cat; exec sleep 600");
      assertRefused(Code.FAILED_PRECONDITION, "INPUT_NOT_OPEN", () -> write(id, "x"));
      assertRefused(Code.FAILED_PRECONDITION, "INPUT_NOT_OPEN", () -> closeInput(id));
      kill(id);
    }
  }

  @Test
  void requestsThatMakeNoSenseAreRefused() {
    String id = reading("exec sleep 600");
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> write("nobody", "x"));
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", () -> closeInput("nobody"));
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () -> processes.writeInput(WriteInputRequest.newBuilder().setProcessId(id).build()));
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () ->
            processes.writeInput(
                writing(id, 1).setTimeout(Duration.newBuilder().setSeconds(-1)).build()));
    assertRefused(
        Code.RESOURCE_EXHAUSTED,
        "BATCH_TOO_LARGE",
        () -> processes.writeInput(writing(id, MEGABYTE + 1).build()));
    kill(id);
  }
}
