package dev.forkyard.server.process;

import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.ProcessOutput;
import dev.forkyard.server.session.Sessions;
import java.util.concurrent.CompletableFuture;

/** Starts children that are no processes. Thread-safe; no method waits. */
public final class BackgroundChildren {
  private final ChildStarter children;
  private final OutputStore outputs;
  private final String address;

  /**
   * @param address how children reach the daemon
   */
  public BackgroundChildren(ChildStarter children, OutputStore outputs, String address) {
    this.children = children;
    this.outputs = outputs;
    this.address = address;
  }

  /**
   * Starts a child, which is known to guard and ledger as every other.
   *
   * @param inSession its environment names a session, which begins when it becomes a process
   * @return fails with a {@link dev.forkyard.server.os.SpawnException}
   */
  public CompletableFuture<BackgroundChild> start(Command command, boolean inSession) {
    String sessionId = Sessions.reserve();
    ProcessOutput output = outputs.newOutput("background", OutputStore.DEFAULT_LIMIT);
    CompletableFuture<ChildExit> exit = new CompletableFuture<>();
    return children
        .spawn(command.spawnSpec(address, inSession ? sessionId : "", output), exit::complete)
        .thenApply(
            child -> {
              BackgroundChild started =
                  new BackgroundChild(child, command, sessionId, output, exit);
              started.watch();
              return started;
            });
  }
}
