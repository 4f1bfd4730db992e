package dev.forkyard.server.process;

import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.ProcessOutput;
import dev.forkyard.server.os.Signal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A child that is no process: it is in no list and has no id. It can become a process, with the
 * session that its environment names and all that it has written. Thread-safe; no method waits.
 */
public final class BackgroundChild {
  private enum State {
    WAITING,
    GIVEN_UP,
    A_PROCESS
  }

  private final Child child;
  private final Command command;
  private final String sessionId;
  private final ProcessOutput output;
  private final CompletableFuture<ChildExit> exit;
  private final CompletableFuture<Boolean> endedUnused = new CompletableFuture<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /**
   * @param exit completes with its end
   */
  BackgroundChild(
      Child child,
      Command command,
      String sessionId,
      ProcessOutput output,
      CompletableFuture<ChildExit> exit) {
    this.child = child;
    this.command = command;
    this.sessionId = sessionId;
    this.output = output;
    this.exit = exit;
  }

  /** Gives itself up when it ends. */
  void watch() {
    exit.thenRun(this::giveUp);
  }

  Command command() {
    return command;
  }

  String sessionId() {
    return sessionId;
  }

  ProcessOutput output() {
    return output;
  }

  /**
   * Completes when it has ended and was never a process, with true for exit code 0. What it wrote
   * is removed then.
   */
  public CompletableFuture<Boolean> endedUnused() {
    return endedUnused;
  }

  /** Kills its group. Does nothing when it has become a process, or was given up before. */
  public void giveUp() {
    if (state.compareAndSet(State.WAITING, State.GIVEN_UP)) {
      kill();
    }
  }

  private void kill() {
    child.signalGroup(Signal.KILL);
    exit.thenAccept(
        facts -> {
          output.delete();
          endedUnused.complete(facts.code().orElse(-1) == 0);
        });
  }

  /** It becomes a process; false when it has ended or was given up. */
  boolean adopt() {
    return state.compareAndSet(State.WAITING, State.A_PROCESS);
  }

  /** It does not become a process after all. */
  void refused() {
    state.set(State.GIVEN_UP);
    kill();
  }

  /** The child, as if it had just been started. */
  CompletableFuture<Child> child(Consumer<ChildExit> onExit) {
    exit.thenAccept(onExit);
    return CompletableFuture.completedFuture(child);
  }
}
