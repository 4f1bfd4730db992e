package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.process.BackgroundChildren;
import dev.forkyard.server.process.OutputStore;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.worker.UnaryWorker;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a connection may say nothing. */
class WorkerConversationTest {
  private final FakeScheduler time = new FakeScheduler();
  private final List<String> carried = new ArrayList<>();
  private WorkerConversation conversation;

  private final class Carrier implements WorkerConversation.Carrier {
    @Override
    public void send(DaemonFrame frame) {
      carried.add(frame.toString());
    }

    @Override
    public void close() {
      carried.add("closed");
    }
  }

  @BeforeEach
  void begin(@TempDir Path folder) throws Exception {
    OutputStore outputs =
        new OutputStore(new OutputFolder(folder, 1 << 20, Runnable::run), 1 << 20, Runnable::run);
    WaiterLimit waiters = new WaiterLimit(10);
    ProcessManager processes =
        new ProcessManager(
            (spec, onExit) -> new CompletableFuture<Child>(),
            new Sessions(10),
            outputs,
            "unix:/nowhere",
            10,
            time.clock(),
            time,
            waiters);
    BackgroundChildren nobody =
        new BackgroundChildren(
            (spec, onExit) -> new CompletableFuture<Child>(), outputs, "unix:/nowhere");
    Workers workers =
        new Workers(
            processes,
            folder,
            "/nowhere",
            RpcCodecs::jsonPayload,
            Runnable::run,
            new UnaryWorker.Polling(RpcCodecs.SPLITTING, time, waiters),
            new Workers.Ahead(nobody, folder, 0, time.clock(), time));
    conversation = new WorkerConversation(new Carrier(), workers, time);
  }

  @Test
  void connectionThatDoesNotSayHelloIsClosedAfter30Seconds() {
    time.pass(Duration.ofMillis(29_999));
    assertThat(carried).isEmpty();
    time.pass(Duration.ofMillis(1));
    assertThat(carried).containsExactly("closed");
  }

  @Test
  void helloThatIsRefusedDoesNotCount() {
    Hello hello = Hello.newBuilder().setToken("no-token").setProtocolVersion(1).build();
    assertThatThrownBy(() -> conversation.accept(WorkerFrame.newBuilder().setHello(hello).build()))
        .isInstanceOf(Fault.class);
    time.pass(Duration.ofSeconds(30));
    assertThat(carried).containsExactly("closed");
  }

  @Test
  void connectionThatEndsBeforeLeavesNoTimer() {
    int others = time.pending() - 1;
    conversation.ended();
    assertThat(time.pending()).isEqualTo(others);
    time.pass(Duration.ofMinutes(1));
    assertThat(carried).isEmpty();
  }
}
