package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildInput;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The input of the current run of a process, and those who follow its output. Thread-safe. */
final class IoState {
  /** What one run takes. */
  private record Run(Child child, @Nullable InputBuffer input) {}

  private final String processId;
  private final InputBudget budget;
  private final Scheduler scheduler;
  private final WaiterLimit limit;
  private final Followers followers = new Followers();
  private final @Nullable TerminalSize firstSize;

  private volatile @Nullable TerminalSize terminal;

  /** Of the current run; completes when it has started. */
  private volatile CompletableFuture<Run> run = new CompletableFuture<>();

  /**
   * @param terminal size of the terminal with which each run begins; null for none
   */
  IoState(
      String processId,
      @Nullable TerminalSize terminal,
      InputBudget budget,
      Scheduler scheduler,
      WaiterLimit limit) {
    this.processId = processId;
    this.firstSize = terminal;
    this.terminal = terminal;
    this.budget = budget;
    this.scheduler = scheduler;
    this.limit = limit;
  }

  Followers followers() {
    return followers;
  }

  /** A run has started. */
  void started(Child child) {
    terminal = firstSize;
    ChildInput input = child.input();
    Run now =
        new Run(
            child,
            input == null ? null : new InputBuffer(processId, input, budget, scheduler, limit));
    if (!run.complete(now)) {
      run = CompletableFuture.completedFuture(now);
    }
  }

  /** There will be no run. */
  void notStarted(Fault fault) {
    run.completeExceptionally(fault);
    followers.processForgotten(fault);
  }

  /** The run has ended. Followers are told when the process has, see {@link Followers}. */
  void runEnded() {
    run.thenAccept(
        ended -> {
          if (ended.input() != null) {
            ended.input().processEnded();
          }
        });
  }

  /** Does something with the input as soon as the process has started. */
  void withInput(Reply<?> reply, Consumer<InputBuffer> action) {
    run.whenComplete(
        (started, failure) -> {
          try {
            if (failure != null) {
              throw failure instanceof Fault fault ? fault : ProcessFaults.of(failure);
            }
            if (started.input() == null) {
              throw InputFaults.notOpen(processId);
            }
            action.accept(started.input());
          } catch (Fault fault) {
            reply.refuse(fault);
          }
        });
  }

  boolean takesInput() {
    Run now = run.getNow(null);
    return now != null && now.input() != null && now.input().isOpen();
  }

  /** The size of the terminal; null when there is none. */
  @Nullable TerminalSize terminal() {
    return terminal;
  }

  /**
   * Changes the size of the terminal, if the process has not ended.
   *
   * @throws Fault NO_TERMINAL
   */
  void resize(TerminalSize size) {
    if (terminal == null) {
      throw InputFaults.noTerminal(processId);
    }
    Run now = run.getNow(null);
    if (now != null && now.child().resize(size.rows(), size.columns())) {
      terminal = size;
    }
  }
}
