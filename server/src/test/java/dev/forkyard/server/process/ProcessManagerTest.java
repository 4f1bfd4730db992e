package dev.forkyard.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Children;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.os.SpawnSpec;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.testing.Recorded;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessManagerTest {

  @Test
  void endOfAProcessIsToldAlsoWhenItIsKnownBeforeItsStartWasHandled(@TempDir Path folder)
      throws Exception {
    try (Children children = Children.start("process-manager-test", folder.resolve("ledger"))) {
      ProcessManager processes = manager((spec, onExit) -> ended(children, spec, onExit), folder);
      Recorded<ProcessSnapshot> started = new Recorded<>();
      Command command = new Command(List.of("true"), "", Map.of(), false, CommandOptions.DEFAULT);
      processes.start(
          new StartRequest("quick", command, null, new Owner(null), ProcessOptions.DEFAULT),
          ProcessHooks.NONE,
          started);
      Recorded<WaitAnswer> waited = new Recorded<>();
      processes.await("quick", null, waited);
      assertThat(waited.outcome().get(30, TimeUnit.SECONDS).process().state())
          .isEqualTo(ProcessState.EXITED);
      assertThat(processes.living()).isZero();
    }
  }

  private static ProcessManager manager(ChildStarter starter, Path folder) {
    return new ProcessManager(
        starter,
        new Sessions(10),
        new OutputStore(new OutputFolder(folder, 1 << 20, Runnable::run), 1 << 20, Runnable::run),
        "unix:/nowhere",
        10,
        Clock.systemUTC(),
        new FakeScheduler(),
        new WaiterLimit(10));
  }

  /** Starts a child and answers only after its end was told. */
  private static CompletableFuture<Child> ended(
      Children children, SpawnSpec spec, Consumer<ChildExit> onExit) {
    CompletableFuture<ChildExit> told = new CompletableFuture<>();
    CompletableFuture<Child> child =
        children.spawn(
            spec,
            exit -> {
              onExit.accept(exit);
              told.complete(exit);
            });
    told.join();
    return child;
  }
}
