package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.Children;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.CommandOptions;
import dev.forkyard.server.process.OutputStore;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessIo;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.process.WaitAnswer;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.AttachProcessRequest;
import dev.forkyard.v1.AttachProcessResponse;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of ProcessService without a transport, one step at a time. */
class StreamsTest {
  private static final AttachProcessRequest OPEN =
      AttachProcessRequest.newBuilder()
          .setOpen(AttachOptions.newBuilder().setProcessId("p"))
          .build();

  private final FakeScheduler time = new FakeScheduler();
  private final WaiterLimit limit = new WaiterLimit(1);
  private final OpenCalls open = new OpenCalls();
  private final Deque<Runnable> reads = new ArrayDeque<>();
  private final FakeCall<AttachProcessResponse> call = new FakeCall<>();
  private boolean starts = true;
  private Children children;
  private ProcessManager processes;
  private ProcessIo io;

  @BeforeEach
  void begin(@TempDir Path folder) throws Exception {
    children = Children.start("streams-test", folder.resolve("ledger"));
    processes =
        new ProcessManager(
            (spec, onExit) ->
                starts ? children.spawn(spec, onExit) : new CompletableFuture<Child>(),
            new Sessions(10),
            new OutputStore(
                new OutputFolder(folder, 1 << 20, Runnable::run), 1 << 20, Runnable::run),
            "unix:/nowhere",
            10,
            time.clock(),
            time,
            new WaiterLimit(10));
    io = new ProcessIo(processes, reads::add, limit);
  }

  @AfterEach
  void nothingIsCountedAtTheEnd() {
    call.cancel();
    assertThat(limit.waiting()).isZero();
    children.close();
  }

  private void run(String... argv) throws Exception {
    CommandOptions options =
        new CommandOptions(
            OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), true, false, null);
    Recorded<ProcessSnapshot> started = new Recorded<>();
    processes.start(
        new StartRequest(
            "p",
            new Command(List.of(argv), "", Map.of(), false, options),
            null,
            new Owner(null),
            Parent.NONE,
            ProcessOptions.DEFAULT),
        ProcessHooks.NONE,
        started);
    started.outcome().get(30, TimeUnit.SECONDS);
  }

  private ProcessSnapshot end() throws Exception {
    Recorded<WaitAnswer> waited = new Recorded<>();
    processes.await("p", null, waited);
    return waited.outcome().get(30, TimeUnit.SECONDS).process();
  }

  private AttachStream attach() {
    return new AttachStream(open, limit, processes, io, call).begin();
  }

  @Test
  void exitIsThatOfTheRunWhoseOutputWasShownAlsoAfterARestart() throws Exception {
    run("true");
    end();
    attach().onNext(OPEN);
    reads.remove().run(); // of one of the two streams
    starts = false;
    processes.restart("p", null, new Recorded<>());
    while (!reads.isEmpty()) {
      reads.remove().run();
    }
    assertThat(call.isCompleted()).isTrue();
    ProcessInfo exited = call.answers().get(call.answers().size() - 1).getExited();
    assertThat(exited.getRun()).isEqualTo(1);
    assertThat(exited.hasExit()).isTrue();
  }

  @Test
  void whatFollowsARefusedMessageIsNotCarriedOut() throws Exception {
    run("cat");
    AttachStream stream = attach();
    stream.onNext(OPEN);
    byte[] tooMuch = new byte[AttachedInput.WINDOW_BYTES + 1];
    stream.onNext(AttachProcessRequest.newBuilder().setInput(ByteString.copyFrom(tooMuch)).build());
    assertThat(call.refusal()).isEqualTo("INPUT_FULL");
    stream.onNext(AttachProcessRequest.newBuilder().setInputText("after the hole").build());
    stream.onNext(AttachProcessRequest.newBuilder().setSignal("SIGKILL").build());
    io.closeInput("p", new Recorded<>());
    ProcessSnapshot end = end();
    assertThat(Objects.requireNonNull(end.exit()).code()).hasValue(0);
    assertThat(end.stdout().end()).isZero();
  }

  @Test
  void attachmentIsCountedOnceFromItsBeginningToItsEnd() throws Exception {
    run("cat");
    AttachStream stream = attach();
    assertThat(limit.waiting()).isEqualTo(1);
    FakeCall<AttachProcessResponse> second = new FakeCall<>();
    AttachStream refused = new AttachStream(open, limit, processes, io, second).begin();
    assertThat(second.refusal()).isEqualTo("TOO_MANY_WAITERS");
    refused.onNext(OPEN);
    assertThat(second.answers()).isEmpty();
    stream.onNext(OPEN);
    assertThat(limit.waiting()).isEqualTo(1);
    call.cancel();
    assertThat(limit.waiting()).isZero();
    io.closeInput("p", new Recorded<>());
    end();
  }

  @Test
  void watchThatFailsIsEnded() throws Exception {
    run("true");
    end();
    FakeCall<WatchProcessesResponse> watch = new FakeCall<>();
    watch.beforeAnswer(
        () -> {
          throw new IllegalStateException("a bug that a test asked for");
        });
    WatchStream.open(
        new WatchStream.Context(open, limit, time, Runnable::run),
        processes,
        WatchProcessesRequest.getDefaultInstance(),
        watch);
    assertThat(watch.refusal()).isEqualTo("INTERNAL");
    assertThat(limit.waiting()).isZero();
  }
}
