package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.OutputReader;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.FollowOutputRequest;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ProcessState;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Output that is followed while it is written. */
class FollowTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() {
    processes = ProcessServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static String run(String script) {
    return run(script, 0);
  }

  private static String run(String script, long outputLimit) {
    return processes
        .startProcess(
            StartProcessRequest.newBuilder()
                .setCommand(CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script)))
                .setOutputLimitBytes(outputLimit)
                .build())
        .getProcess()
        .getProcessId();
  }

  private static ProcessInfo ended(String id) {
    return processes
        .withDeadlineAfter(600, TimeUnit.SECONDS)
        .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess();
  }

  private static ProcessInfo get(String id) {
    return processes
        .getProcess(GetProcessRequest.newBuilder().setProcessId(id).build())
        .getProcess();
  }

  private static void end(String id) {
    processes.stopProcess(
        StopProcessRequest.newBuilder()
            .setProcessId(id)
            .setGrace(com.google.protobuf.Duration.getDefaultInstance())
            .build());
  }

  private static String output(String id) {
    return processes
        .readOutput(ReadOutputRequest.newBuilder().setProcessId(id).build())
        .getData()
        .toStringUtf8();
  }

  private static FollowOutputRequest.Builder following(String id) {
    return FollowOutputRequest.newBuilder().setProcessId(id);
  }

  private static OutputReader follow(FollowOutputRequest.Builder request) {
    return OutputReader.follow(DAEMON.channel(), request.build());
  }

  private static OutputReader hesitate(String id) {
    return OutputReader.hesitate(DAEMON.channel(), following(id).build());
  }

  private static void assertRefused(Code code, String reason, FollowOutputRequest.Builder request) {
    Throwable refused = follow(request).failure();
    assertThat(io.grpc.Status.fromThrowable(refused).getCode()).isEqualTo(code);
    assertThat(Refusals.reason(refused)).isEqualTo(reason);
  }

  private static void joinAtFullSpeed(long bytes) {
    String writer = "seq 1 200000000 | head -c " + bytes;
    String id = run(writer, 4 * bytes);
    List<OutputReader> readers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      OutputReader reader = follow(following(id));
      readers.add(reader);
      reader.awaitBytes((i + 1) * bytes / 8);
    }
    String expected = run(writer + " | sha256sum");
    ended(expected);
    for (OutputReader reader : readers) {
      reader.awaitEnd();
      assertThat(reader.stdout().bytes()).isEqualTo(bytes);
      assertThat(reader.stdout().dropped()).isZero();
      assertThat(output(expected)).startsWith(reader.stdout().checksum());
    }
  }

  @Test
  void followersThatJoinWhileItWritesGetEveryByteOnce() {
    joinAtFullSpeed(48L << 20);
  }

  @Test
  @Tag("stress")
  void followersThatJoinGetEveryByteOfAGigabyteOnce() {
    joinAtFullSpeed(1L << 30);
  }

  @Test
  void bothStreamsAreSentAndEndedApart() {
    OutputReader reader = follow(following(run("echo out; echo err >&2; echo more"))).awaitEnd();
    assertThat(reader.stdout().text()).isEqualTo("out\nmore\n");
    assertThat(reader.stderr().text()).isEqualTo("err\n");
    assertThat(reader.stdout().isEnded()).isTrue();
    assertThat(reader.stderr().isEnded()).isTrue();
  }

  @Test
  void oneStreamIsSentAlone() {
    OutputReader reader =
        follow(
                following(run("echo out; echo err >&2"))
                    .addStreams(OutputStream.OUTPUT_STREAM_STDERR))
            .awaitEnd();
    assertThat(reader.stderr().text()).isEqualTo("err\n");
    assertThat(reader.stdout().isEnded()).isFalse();
    assertThat(reader.stdout().bytes()).isZero();
  }

  @Test
  void followingGoesOnFromACursorAndFromATail() {
    String id = run("printf 0123456789; printf abcdef >&2");
    ended(id);
    OutputReader later = follow(following(id).setStdoutCursor(7).setStderrCursor(2)).awaitEnd();
    assertThat(later.stdout().text()).isEqualTo("789");
    assertThat(later.stderr().text()).isEqualTo("cdef");
    OutputReader tail = follow(following(id).setTailBytes(3)).awaitEnd();
    assertThat(tail.stdout().text()).isEqualTo("789");
    assertThat(tail.stderr().text()).isEqualTo("def");
    assertThat(tail.stdout().cursor()).isEqualTo(10);
    assertThat(follow(following(id).setTailBytes(100)).awaitEnd().stdout().text()).hasSize(10);
    assertThat(follow(following(id).setTailBytes(0)).awaitEnd().stdout().text()).isEmpty();
  }

  @Test
  void textIsSentInWholeCharacters() {
    String line = "aä€😀z";
    String id =
        run(
            "i=0; while [ $i -lt 20000 ]; do printf '"
                + line
                + "'; i=$((i+1)); done; printf '\\342'");
    OutputReader reader = follow(following(id).setAsText(true)).awaitEnd();
    assertThat(reader.stdout().text()).isEqualTo(line.repeat(20_000) + "\ufffd");
  }

  @Test
  void requestsThatMakeNoSenseAreRefused() {
    String id = run("printf 0123456789");
    ended(id);
    assertRefused(Code.NOT_FOUND, "PROCESS_NOT_FOUND", following("nobody"));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", FollowOutputRequest.newBuilder());
    assertRefused(Code.OUT_OF_RANGE, "CURSOR_OUT_OF_RANGE", following(id).setStdoutCursor(11));
    assertRefused(Code.OUT_OF_RANGE, "CURSOR_OUT_OF_RANGE", following(id).setStderrCursor(-1));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", following(id).setTailBytes(-1));
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        following(id).setTailBytes(1).setStderrCursor(1));
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", following(id).addStreamsValue(7));
  }

  @Test
  void readersThatDoNotReadHoldUpNobodyAndAreToldWhatTheyMissed() {
    String id = run("seq 1 30000000 | head -c 209715200");
    List<OutputReader> lazy = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      lazy.add(hesitate(id));
    }
    OutputReader reader = follow(following(id));
    ProcessInfo process = ended(id);
    assertThat(process.getStdout().getEndCursor()).isEqualTo(200L << 20);
    reader.awaitEnd();
    assertThat(reader.stdout().bytes() + reader.stdout().dropped()).isEqualTo(200L << 20);
    OutputReader late = lazy.get(0);
    late.takeAll();
    late.awaitEnd();
    assertThat(late.stdout().dropped()).isPositive();
    assertThat(late.stdout().bytes() + late.stdout().dropped()).isEqualTo(200L << 20);
    lazy.forEach(OutputReader::cancel);
  }

  @Test
  void cancelAndDeadlineLeaveTheProcessAlone() {
    String id = run("echo hello; exec sleep 600");
    OutputReader cancelled = follow(following(id));
    cancelled.awaitBytes(6);
    cancelled.cancel();
    assertThat(cancelled.status().getCode()).isEqualTo(Code.CANCELLED);
    OutputReader late =
        OutputReader.hesitate(
            ProcessServiceGrpc.newStub(DAEMON.channel())
                .withDeadlineAfter(200, TimeUnit.MILLISECONDS),
            following(id).build());
    assertThat(late.status().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(get(id).getState()).isEqualTo(ProcessState.PROCESS_STATE_RUNNING);
    end(id);
  }

  @Test
  void deletedProcessEndsThoseWhoHaveNotReadAllOfIt() {
    String id = run("seq 1 5000000 | head -c 20000000");
    OutputReader lazy = hesitate(id);
    OutputReader reader = follow(following(id)).awaitEnd();
    assertThat(reader.stdout().bytes()).isEqualTo(20_000_000);
    ended(id);
    processes.deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
    lazy.takeAll();
    assertThat(Refusals.reason(lazy.failure())).isEqualTo("PROCESS_NOT_FOUND");
    assertThat(lazy.stdout().isEnded()).isFalse();
  }

  @Test
  void whatAGrandchildWritesLaterIsNotFollowed(@TempDir Path folder) throws IOException {
    String gate = folder.resolve("gate").toString();
    String id = run("mkfifo " + gate + "; { read x < " + gate + "; echo late; } & echo mine");
    OutputReader reader = follow(following(id)).awaitEnd();
    assertThat(reader.stdout().text()).isEqualTo("mine\n");
    Files.writeString(Path.of(gate), "go\n");
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(() -> assertThat(get(id).getStdout().getLateBytes()).isEqualTo(5));
    assertThat(follow(following(id)).awaitEnd().stdout().text()).isEqualTo("mine\n");
  }

  @Test
  void daemonThatEndsLeavesNoFollowerWithoutAWord() throws Exception {
    try (TestDaemon ending = TestDaemon.start()) {
      String id =
          ProcessServiceGrpc.newBlockingStub(ending.channel())
              .startProcess(
                  StartProcessRequest.newBuilder()
                      .setCommand(
                          CommandSpec.newBuilder()
                              .addAllArgv(
                                  List.of(
                                      "sh",
                                      "-c",
                                      "trap 'echo bye; exit' TERM; echo hello; while :; do sleep"
                                          + " 0.1; done")))
                      .build())
              .getProcess()
              .getProcessId();
      OutputReader reader = OutputReader.follow(ending.channel(), following(id).build());
      reader.awaitBytes(6);
      ending.signal("TERM");
      if (reader.status().isOk()) {
        assertThat(reader.stdout().text()).isEqualTo("hello\nbye\n");
      } else {
        assertThat(Refusals.reason(reader.failure())).isEqualTo("DAEMON_STOPPING");
      }
    }
  }
}
