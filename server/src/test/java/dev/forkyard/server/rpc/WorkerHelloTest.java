package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.process.BackgroundChildren;
import dev.forkyard.server.process.ChildStarter;
import dev.forkyard.server.process.OutputStore;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.worker.UnaryWorker;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.DaemonFrame;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections of workers that say nothing, or nothing that has a meaning. */
class WorkerHelloTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final FakeScheduler time = new FakeScheduler();
  private Workers workers;

  @BeforeEach
  void begin(@TempDir Path folder) {
    ChildStarter nothing = (spec, onExit) -> new CompletableFuture<Child>();
    WaiterLimit waiters = new WaiterLimit(10);
    OutputStore outputs =
        new OutputStore(new OutputFolder(folder, 1 << 20, Runnable::run), 1 << 20, Runnable::run);
    ProcessManager processes =
        new ProcessManager(
            nothing, new Sessions(10), outputs, "unix:/nowhere", 10, time.clock(), time, waiters);
    workers =
        new Workers(
            processes,
            folder,
            "/nowhere",
            RpcCodecs::jsonPayload,
            Runnable::run,
            new UnaryWorker.Polling(RpcCodecs.SPLITTING, time, waiters),
            new Workers.Ahead(
                new BackgroundChildren(nothing, outputs, "unix:/nowhere"),
                folder,
                0,
                time.clock(),
                time));
  }

  @Test
  void streamWithoutAHelloIsRefusedAfterHalfAMinute() {
    FakeCall<DaemonFrame> call = new FakeCall<>();
    assertThat(new WorkerStream(new OpenCalls(), workers, time, call).begin()).isNotNull();
    time.pass(PATIENCE.minus(MOMENT));
    assertThat(call.refusal()).isEmpty();
    time.pass(MOMENT);
    assertThat(call.refusal()).isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void socketWithoutAHelloIsClosedAfterHalfAMinute() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(new WorkerFrameHandler(channel, workers, time));
    time.pass(PATIENCE.minus(MOMENT));
    assertThat(channel.isOpen()).isTrue();
    time.pass(MOMENT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void garbageIsRefusedOnceHoweverMuchOfItCame() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(new WorkerFrameHandler(channel, workers, time));
    List<String> warnings = new ArrayList<>();
    Logger log = Logger.getLogger(WorkerFrameHandler.class.getName());
    Handler handler = new Warnings(warnings);
    log.addHandler(handler);
    try {
      channel.writeInbound(garbage(), garbage(), garbage());
    } finally {
      log.removeHandler(handler);
    }
    assertThat(warnings).hasSize(1).first().asString().contains("A frame is no WorkerFrame");
    assertThat(channel.isOpen()).isFalse();
  }

  private static ByteBuf garbage() {
    return Unpooled.wrappedBuffer(new byte[] {(byte) 0xff});
  }

  private static final class Warnings extends Handler {
    private final List<String> messages;

    Warnings(List<String> messages) {
      this.messages = messages;
    }

    @Override
    public void publish(LogRecord line) {
      messages.add(line.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
