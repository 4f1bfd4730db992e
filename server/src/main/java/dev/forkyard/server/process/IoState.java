package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildInput;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The input of the current run of a process, and those who follow its output. Thread-safe. */
final class IoState {
  /** What one run takes. */
  private record Run(Child child, @Nullable InputBuffer input) {}

  /** What a call does with the input. */
  interface InputAction {
    /**
     * @param timeLeft how long the call may still wait; null for ever
     */
    void carryOut(InputBuffer input, @Nullable Duration timeLeft);
  }

  /** A call that came before the first run had started. */
  private static final class Early {
    private final Reply<?> reply;
    private final long bytes;
    private final @Nullable Instant deadline;
    private final InputAction action;
    private final AtomicBoolean gone = new AtomicBoolean();

    private Early(Reply<?> reply, long bytes, @Nullable Instant deadline, InputAction action) {
      this.reply = reply;
      this.bytes = bytes;
      this.deadline = deadline;
      this.action = action;
    }
  }

  private final String processId;
  private final InputBudget budget;
  private final Clock clock;
  private final Scheduler scheduler;
  private final WaiterLimit limit;
  private final Followers followers = new Followers();
  private final boolean hasInput;
  private final @Nullable TerminalSize firstSize;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Waiters<Early> early;

  /** The first run has started, or never will, and nothing is early any more. */
  @GuardedBy("lock")
  private boolean settled;

  private volatile @Nullable TerminalSize terminal;

  /** Of the current run; completes when it has started. */
  private volatile CompletableFuture<Run> run = new CompletableFuture<>();

  /**
   * @param options say whether there is an input, and the size of the terminal with which each run
   *     begins
   */
  IoState(
      String processId,
      CommandOptions options,
      InputBudget budget,
      Clock clock,
      Scheduler scheduler,
      WaiterLimit limit) {
    this.processId = processId;
    this.hasInput = options.inputPipe() || options.terminal() != null;
    this.firstSize = options.terminal();
    this.terminal = firstSize;
    this.budget = budget;
    this.clock = clock;
    this.scheduler = scheduler;
    this.limit = limit;
    this.early = new Waiters<>(scheduler, limit);
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
    settle();
  }

  /** There will be no run. */
  void notStarted(Fault fault) {
    run.completeExceptionally(fault);
    settle();
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

  /**
   * Does something with the input as soon as the process has started, in order of the calls.
   *
   * @param bytes how much it holds until then
   * @param timeout how long the call may wait in all; null for ever
   * @throws Fault TOO_MANY_WAITERS, INPUT_FULL
   */
  void withInput(Reply<?> reply, long bytes, @Nullable Duration timeout, InputAction action) {
    if (!isWaitedFor() || !waits(reply, bytes, timeout, action)) {
      act(reply, timeout, action);
    }
  }

  private boolean isWaitedFor() {
    synchronized (lock) {
      return !settled;
    }
  }

  /** Lets a call wait for the start; false when there is nothing to wait for. */
  private boolean waits(
      Reply<?> reply, long bytes, @Nullable Duration timeout, InputAction action) {
    if (Timeouts.isZero(timeout)) {
      throw InputFaults.full(processId, InputBuffer.CAPACITY);
    }
    budget.take(processId, bytes);
    Early call =
        new Early(reply, bytes, timeout == null ? null : clock.instant().plus(timeout), action);
    reply.whenGone(() -> call.gone.set(true));
    try {
      synchronized (lock) {
        if (!settled) {
          early.park(call, timeout, how -> tooLate(call));
          return true;
        }
      }
    } catch (Fault refused) {
      budget.giveBack(bytes);
      throw refused;
    }
    budget.giveBack(bytes);
    return false;
  }

  private void tooLate(Early call) {
    budget.giveBack(call.bytes);
    call.reply.refuse(InputFaults.full(processId, InputBuffer.CAPACITY));
  }

  /** Carries out what waited; what comes meanwhile waits behind it. */
  private void settle() {
    for (Early call = nextEarly(); call != null; call = nextEarly()) {
      budget.giveBack(call.bytes);
      if (call.gone.get()) {
        call.reply.refuse(ProcessFaults.cancelled(processId));
      } else {
        act(call.reply, timeLeft(call), call.action);
      }
    }
  }

  private @Nullable Early nextEarly() {
    synchronized (lock) {
      Early next = early.claimFirstIf(any -> true);
      settled = next == null;
      return next;
    }
  }

  private @Nullable Duration timeLeft(Early call) {
    if (call.deadline == null) {
      return null;
    }
    Duration left = Duration.between(clock.instant(), call.deadline);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private void act(Reply<?> reply, @Nullable Duration timeout, InputAction action) {
    run.whenComplete(
        (started, failure) -> {
          try {
            if (failure != null) {
              throw failure instanceof Fault fault ? fault : ProcessFaults.of(failure);
            }
            if (started.input() == null) {
              throw InputFaults.notOpen(processId);
            }
            action.carryOut(started.input(), timeout);
          } catch (Fault fault) {
            reply.refuse(fault);
          }
        });
  }

  /** Whether a write would be taken, also when it had to wait for the start. */
  boolean takesInput() {
    if (!run.isDone()) {
      return hasInput;
    }
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
