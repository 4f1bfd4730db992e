package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.EventLog;
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
import dev.forkyard.server.os.ProcessOutput;
import dev.forkyard.server.os.Signal;
import dev.forkyard.server.process.ProcessState.Event;
import dev.forkyard.server.session.Owner;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One process: what it is, and the run that it is in. Thread-safe. */
final class OwnedProcess {
  /** For what an ended run has left of its group. */
  private static final Duration GROUP_GRACE = Duration.ofSeconds(1);

  /**
   * What it is, from the beginning.
   *
   * @param background the child that has become this process; null when it starts one
   */
  record Identity(
      String id,
      Command command,
      @Nullable FunctionName function,
      Owner owner,
      Parent parent,
      ProcessOptions options,
      ProcessHooks hooks,
      ProcessOutput output,
      @Nullable BackgroundChild background) {}

  /** What all processes share. Their locks are leaves. */
  record Shared(
      Clock clock,
      Scheduler scheduler,
      WaiterLimit limit,
      EventLog<ProcessEvent> events,
      Retention retention,
      RunLauncher launcher,
      InputBudget inputBudget) {}

  private record WaitCall(Reply<WaitAnswer> reply) {}

  private final Identity identity;
  private final Shared shared;
  private final long commandBytes;
  private final Waiters<WaitCall> waiters;
  private final IoState io;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private ProcessState state = ProcessState.STARTING;

  @GuardedBy("lock")
  private Run run;

  /** The run that begins when this one has ended. */
  @GuardedBy("lock")
  private @Nullable Run next;

  @GuardedBy("lock")
  private @Nullable ProcessExit previousExit;

  @GuardedBy("lock")
  private @Nullable FunctionOutcome outcome;

  /** What it was when its last run had ended; null before any has. */
  @GuardedBy("lock")
  private @Nullable ProcessSnapshot lastEnd;

  /** Why the first run could not be started; then it never was a process. */
  @GuardedBy("lock")
  private @Nullable Fault startFault;

  @GuardedBy("lock")
  private boolean forgotten;

  @GuardedBy("lock")
  private long revision;

  @GuardedBy("lock")
  private long firstRevision;

  OwnedProcess(Identity identity, Shared shared, Run run) {
    this.identity = identity;
    this.shared = shared;
    this.commandBytes = identity.command().sizeBytes();
    this.run = run;
    this.waiters = new Waiters<>(shared.scheduler(), shared.limit());
    this.io =
        new IoState(
            identity.id(),
            identity.command().options(),
            shared.inputBudget(),
            shared.clock(),
            shared.scheduler(),
            shared.limit());
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

  Run run() {
    synchronized (lock) {
      return run;
    }
  }

  /**
   * Begins the first run.
   *
   * @throws Fault SESSION_NOT_FOUND when the owner has ended
   */
  void begin() {
    identity.owner().endsWithIt(this, this::endsWithItsOwner);
    shared.launcher().launch(this, run());
  }

  private void endsWithItsOwner() {
    stop(null, ExitCause.SESSION_ENDED);
  }

  /** The run has a child; answers the process as it is then. */
  ProcessSnapshot started(Child child) {
    io.started(child);
    Afterwards afterwards = new Afterwards();
    Run started;
    ProcessSnapshot snapshot;
    synchronized (lock) {
      started = run;
      started.runs(child, shared.clock().instant());
      change(Event.STARTED, ProcessEvent.Kind.STARTED, afterwards);
      snapshot = snapshot();
    }
    afterwards.run();
    Duration most = identity.options().runTimeout();
    if (most != null) {
      started.onTimeout(() -> shared.scheduler().schedule(most, () -> timedOut(started, child)));
    }
    return snapshot;
  }

  private void timedOut(Run late, Child child) {
    climb(late, child, identity.options().stopGrace(), ExitCause.TIMEOUT);
  }

  /** The first run has no child: this never was a process. */
  void neverStarted(Fault fault) {
    Run failed;
    Run off;
    synchronized (lock) {
      startFault = fault;
      forgotten = true;
      failed = run;
      off = next;
      next = null;
    }
    identity.owner().ended(this);
    failed.started().completeExceptionally(fault);
    failed.ended().completeExceptionally(fault);
    io.notStarted(fault);
    for (WaitCall call : waiters.claimAllIf(any -> true)) {
      call.reply().refuse(fault);
    }
    if (off != null) {
      shared.launcher().callOff(off, fault);
    }
  }

  /** The run has ended, or could not be started. */
  void ended(Event how, ProcessExit exit, @Nullable FunctionOutcome what) {
    io.runEnded();
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      Run over = run;
      over.hasEnded(exit);
      outcome = what;
      change(how, ProcessEvent.Kind.EXITED, afterwards);
      ProcessSnapshot last = snapshot();
      lastEnd = last;
      afterwards.add(shared.retention()::trim);
      for (WaitCall call : waiters.claimAllIf(any -> true)) {
        afterwards.add(() -> call.reply().answer(new WaitAnswer(last, false)));
      }
      afterwards.add(() -> over.ended().complete(last));
      if (next == null) {
        identity.owner().ended(this);
        shared.retention().add(this, over, commandBytes + resultBytes());
        afterwards.add(io.followers()::processEnded);
      } else {
        nextRun(next, afterwards);
      }
    }
    afterwards.run();
  }

  @GuardedBy("lock")
  private void nextRun(Run following, Afterwards afterwards) {
    state = ProcessState.TABLE.after(state, Event.RESTARTED);
    previousExit = run.exit();
    run = following;
    next = null;
    afterwards.add(() -> shared.launcher().launch(this, following));
  }

  @GuardedBy("lock")
  private void change(Event event, ProcessEvent.Kind kind, Afterwards afterwards) {
    state = ProcessState.TABLE.after(state, event);
    publish(kind, afterwards);
  }

  @GuardedBy("lock")
  private void publish(ProcessEvent.Kind kind, Afterwards afterwards) {
    ProcessEvent event = new ProcessEvent(kind, snapshot().withoutOutcome());
    revision = shared.events().publish(event::at, commandBytes, afterwards);
    firstRevision = firstRevision == 0 ? revision : firstRevision;
  }

  void await(@Nullable Duration timeout, Reply<WaitAnswer> reply) {
    Wait wait = null;
    WaitAnswer now;
    synchronized (lock) {
      if (startFault != null) {
        throw startFault;
      }
      now = new WaitAnswer(snapshot(), state != ProcessState.EXITED);
      if (now.timedOut() && !Timeouts.isZero(timeout)) {
        wait = waiters.park(new WaitCall(reply), timeout, how -> gaveUp(reply, how));
      }
    }
    if (wait == null) {
      reply.answer(now);
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

  /** Sends a signal; false when the run has ended. */
  CompletableFuture<Boolean> signal(Signal signal, boolean wholeGroup) {
    Run target = run();
    return target.exit() == null
        ? target.signal(signal, wholeGroup)
        : CompletableFuture.completedFuture(false);
  }

  /**
   * Ends the process and its group, and calls off a restart; what its group has left after its own
   * end is ended too. Completes after the process has ended.
   *
   * @param grace null for that of the process
   */
  CompletableFuture<StopAnswer> stop(@Nullable Duration grace, ExitCause why) {
    Run target;
    Run off;
    synchronized (lock) {
      target = run;
      off = next;
      next = null;
    }
    if (off != null) {
      shared.launcher().callOff(off, ProcessFaults.restartCalledOff(id(), why));
    }
    return stop(target, grace, why);
  }

  private CompletableFuture<StopAnswer> stop(Run target, @Nullable Duration grace, ExitCause why) {
    Duration patience = grace == null ? identity.options().stopGrace() : grace;
    return target
        .started()
        .handle(
            (child, fault) ->
                child == null
                    ? CompletableFuture.completedFuture(List.<Integer>of())
                    : climb(target, child, patience, why))
        .thenCompose(survivors -> survivors)
        .thenCombine(target.ended(), (survivors, last) -> new StopAnswer(last, survivors));
  }

  private CompletableFuture<List<Integer>> climb(
      Run target, Child child, Duration grace, ExitCause why) {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      if (target == run && state != ProcessState.EXITED) {
        target.endsBecauseOf(why);
        if (ProcessState.TABLE.allows(state, Event.STOP_REQUESTED)) {
          change(Event.STOP_REQUESTED, ProcessEvent.Kind.STOPPING, afterwards);
        }
      }
    }
    afterwards.run();
    return target.climb(ladder(child, grace));
  }

  /** The child of a run has ended; ends what is left of its group where that was asked for. */
  void childEnded(Run over) {
    Child child = over.child();
    if (identity.options().endsGroup() && child != null) {
      over.climb(ladder(child, GROUP_GRACE));
    }
  }

  private StopLadder ladder(Child child, Duration grace) {
    return new StopLadder(
        child, identity.options().stopSignal(), grace, shared.clock(), shared.scheduler());
  }

  /**
   * Runs it again, after a stop if it lives. The reply is that of the next run.
   *
   * @param grace null for that of the process
   * @param maker makes the next run; runs under the lock
   */
  void restart(@Nullable Duration grace, RunMaker maker) {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      if (next != null || (state == ProcessState.STARTING && run.number() > 1)) {
        throw ProcessFaults.restarting(id());
      }
      if (forgotten) {
        throw ProcessFaults.KIND.faultOfMissing(id());
      }
      Run following = following(maker);
      if (state == ProcessState.EXITED) {
        shared.retention().remove(this);
        nextRun(following, afterwards);
      } else {
        next = following;
        Run current = run;
        afterwards.add(() -> stop(current, grace, ExitCause.RESTART_REQUESTED));
      }
    }
    afterwards.run();
  }

  /** The next run, in an owner that lives; a refused one leaves nothing with the owner. */
  @GuardedBy("lock")
  private Run following(RunMaker maker) {
    identity.owner().endsWithIt(this, this::endsWithItsOwner);
    try {
      return maker.make(run.number() + 1);
    } catch (Fault refused) {
      if (state == ProcessState.EXITED) {
        identity.owner().ended(this);
      }
      throw refused;
    }
  }

  /** Makes a run of a number. */
  interface RunMaker {
    Run make(int number);
  }

  /**
   * Lets nobody have it any more; false when that was so before, or another run has begun.
   *
   * @param last the run that has ended; null for any
   * @throws Fault PROCESS_RUNNING
   */
  boolean forget(@Nullable Run last) {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      if (last != null && last != run) {
        return false;
      }
      if (state != ProcessState.EXITED) {
        throw ProcessFaults.running(id());
      }
      if (forgotten) {
        return false;
      }
      forgotten = true;
      shared.retention().remove(this);
      publish(ProcessEvent.Kind.DELETED, afterwards);
      FunctionOutcome what = outcome;
      if (what != null) {
        afterwards.add(what.hold()::release);
      }
    }
    afterwards.run();
    return true;
  }

  /** True when it was taken out; it changes no more then. */
  boolean isForgotten() {
    synchronized (lock) {
      return forgotten;
    }
  }

  boolean hasEnded() {
    synchronized (lock) {
      return state == ProcessState.EXITED;
    }
  }

  /** As it was when its last run had ended, if one has. */
  ProcessSnapshot lastEnd() {
    synchronized (lock) {
      return lastEnd == null ? snapshot() : lastEnd;
    }
  }

  @GuardedBy("lock")
  private long resultBytes() {
    Payload result = outcome == null ? null : outcome.result();
    return result == null ? 0 : result.sizeBytes();
  }

  ProcessSnapshot snapshot() {
    synchronized (lock) {
      Command command = identity.command();
      Child child = run.child();
      return new ProcessSnapshot(
          identity.id(),
          state,
          run.number(),
          child == null ? 0 : child.pid(),
          command.argv(),
          command.cwd(),
          identity.function(),
          run.session().id(),
          identity.owner().sessionId(),
          identity.parent(),
          run.startTime(),
          run.exit(),
          previousExit,
          identity.output().stdout().extent(),
          identity.output().stderr().extent(),
          outcome,
          identity.options().labels(),
          revision,
          firstRevision,
          io.terminal());
    }
  }
}
