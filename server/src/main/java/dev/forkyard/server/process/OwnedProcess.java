package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.ProcessOutput;
import dev.forkyard.server.os.Signal;
import dev.forkyard.server.process.ProcessState.Event;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One process. Thread-safe. */
final class OwnedProcess {

  /** What it is, from the beginning. */
  record Identity(
      String id,
      Command command,
      @Nullable FunctionName function,
      Session session,
      Owner owner,
      ProcessOutput output) {}

  private record WaitCall(Reply<WaitAnswer> reply) {}

  private final Identity identity;
  private final Clock clock;
  private final Scheduler scheduler;
  private final Waiters<WaitCall> waiters;
  private final IoState io;

  /** Completes when it runs; exceptionally when it could not be started. */
  private final CompletableFuture<Child> started = new CompletableFuture<>();

  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private ProcessState state = ProcessState.STARTING;

  @GuardedBy("lock")
  private @Nullable Fault startFault;

  @GuardedBy("lock")
  private @Nullable Child child;

  @GuardedBy("lock")
  private @Nullable Instant startTime;

  @GuardedBy("lock")
  private @Nullable ProcessExit exit;

  @GuardedBy("lock")
  private @Nullable FunctionOutcome outcome;

  @GuardedBy("lock")
  private @Nullable StopLadder ladder;

  @GuardedBy("lock")
  private ExitCause cause = ExitCause.SELF;

  @GuardedBy("lock")
  private @Nullable Signal lastSignal;

  OwnedProcess(
      Identity identity,
      Clock clock,
      Scheduler scheduler,
      WaiterLimit limit,
      InputBudget inputBudget) {
    this.identity = identity;
    this.clock = clock;
    this.scheduler = scheduler;
    this.waiters = new Waiters<>(scheduler, limit);
    this.io =
        new IoState(
            identity.id(), identity.command().options().terminal(), inputBudget, scheduler, limit);
  }

  Identity identity() {
    return identity;
  }

  String id() {
    return identity.id();
  }

  IoState io() {
    return io;
  }

  /** One of its output streams, to be followed. */
  LiveOutput liveOutput(OutputStreamName stream) {
    return new LogOutput(stream.of(identity.output()), this::hasEnded);
  }

  void started(Child newChild) {
    synchronized (lock) {
      state = ProcessState.TABLE.after(state, Event.STARTED);
      child = newChild;
      startTime = clock.instant();
    }
    io.started(newChild);
    started.complete(newChild);
  }

  void notStarted(Fault fault) {
    synchronized (lock) {
      startFault = fault;
    }
    started.completeExceptionally(fault);
    io.notStarted(fault);
    for (WaitCall call : waiters.claimAllIf(any -> true)) {
      call.reply().refuse(fault);
    }
  }

  /** Why it ended, seen from how it ended. */
  ExitCause causeOf(ChildExit facts) {
    synchronized (lock) {
      boolean signalled =
          lastSignal != null && facts.signal().filter(lastSignal::equals).isPresent();
      return cause == ExitCause.SELF && signalled ? ExitCause.STOP_REQUESTED : cause;
    }
  }

  void ended(ProcessExit how, @Nullable FunctionOutcome what) {
    synchronized (lock) {
      state = ProcessState.TABLE.after(state, Event.ENDED);
      exit = how;
      outcome = what;
    }
    io.runEnded();
    for (WaitCall call : waiters.claimAllIf(any -> true)) {
      call.reply().answer(new WaitAnswer(snapshot(), false));
    }
    io.followers().processEnded();
    ended.complete(null);
  }

  boolean hasEnded() {
    synchronized (lock) {
      return state == ProcessState.EXITED;
    }
  }

  void await(@Nullable Duration timeout, Reply<WaitAnswer> reply) {
    Wait wait;
    synchronized (lock) {
      if (startFault != null) {
        throw startFault;
      }
      wait =
          state == ProcessState.EXITED || Timeouts.isZero(timeout)
              ? null
              : waiters.park(new WaitCall(reply), timeout, how -> gaveUp(reply, how));
    }
    if (wait == null) {
      reply.answer(new WaitAnswer(snapshot(), !hasEnded()));
    } else {
      reply.whenGone(wait::cancel);
    }
  }

  private void gaveUp(Reply<WaitAnswer> reply, GaveUp how) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(new WaitAnswer(snapshot(), true));
    } else {
      reply.refuse(ProcessFaults.cancelled(id()));
    }
  }

  /** Sends a signal; false when the process has ended. */
  CompletableFuture<Boolean> signal(Signal signal, boolean wholeGroup) {
    return started.thenCompose(
        target -> {
          synchronized (lock) {
            lastSignal = signal;
          }
          return wholeGroup
              ? target.signalGroup(signal)
              : CompletableFuture.completedFuture(target.signal(signal));
        });
  }

  /**
   * Ends the process and its group; completes with the pids that could not be ended, after the
   * process has.
   */
  CompletableFuture<List<Integer>> stop(Duration grace, ExitCause why) {
    return started
        .thenCompose(target -> ladder(target, grace, why).survivors())
        .thenCombine(ended, (survivors, nothing) -> survivors);
  }

  private StopLadder ladder(Child target, Duration grace, ExitCause why) {
    StopLadder mine;
    synchronized (lock) {
      if (ladder != null) {
        ladder.hurry(grace);
        return ladder;
      }
      mine = new StopLadder(target, grace, clock, scheduler);
      ladder = mine;
      if (ProcessState.TABLE.allows(state, Event.STOP_REQUESTED)) {
        state = ProcessState.TABLE.after(state, Event.STOP_REQUESTED);
        cause = why;
      }
    }
    mine.start(grace);
    return mine;
  }

  /** Size of what its function returned. */
  long resultBytes() {
    synchronized (lock) {
      Payload result = outcome == null ? null : outcome.result();
      return result == null ? 0 : result.sizeBytes();
    }
  }

  /** Keeps no more output, which a grandchild may still write. */
  void discardOutput() {
    started.thenAccept(Child::discardOutput);
  }

  ProcessSnapshot snapshot() {
    synchronized (lock) {
      Command command = identity.command();
      return new ProcessSnapshot(
          identity.id(),
          state,
          child == null ? 0 : child.pid(),
          command.argv(),
          command.cwd(),
          identity.function(),
          identity.session().id(),
          identity.owner().sessionId(),
          startTime,
          exit == null ? null : exit.time(),
          exit,
          identity.output().stdout().extent(),
          identity.output().stderr().extent(),
          outcome,
          io.terminal());
    }
  }
}
