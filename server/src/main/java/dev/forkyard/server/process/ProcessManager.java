package dev.forkyard.server.process;

import dev.forkyard.server.core.EventLog;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.process.OwnedProcess.Identity;
import dev.forkyard.server.process.OwnedProcess.Shared;
import dev.forkyard.server.session.Ending;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the daemon by name. Thread-safe, and none of its methods waits. What it refuses
 * at once it throws as a {@link Fault}; what it refuses later goes to the reply.
 */
public final class ProcessManager {
  /** What every child is told of the daemon. */
  public static final String ADDRESS_VARIABLE = "FORKYARD_ADDRESS";

  public static final String SESSION_VARIABLE = "FORKYARD_SESSION";

  private static final int MOST_EVENTS = 8192;
  private static final long MOST_EVENT_BYTES = 64L << 20;

  /** Most bytes of input that wait in the whole daemon. */
  private static final long MOST_INPUT_BYTES = 64L << 20;

  private final Registry<OwnedProcess> processes;
  private final Sessions sessions;
  private final OutputStore outputs;
  private final EventLog<ProcessEvent> events;
  private final RunLauncher launcher;
  private final Shared shared;
  private volatile boolean ending;

  /**
   * @param address how children reach the daemon
   * @param limit most processes, remembered ones included
   */
  public ProcessManager(
      ChildStarter children,
      Sessions sessions,
      OutputStore outputs,
      String address,
      int limit,
      Clock clock,
      Scheduler scheduler,
      WaiterLimit waiters) {
    this.processes = new Registry<>(ProcessFaults.KIND, limit);
    this.sessions = sessions;
    this.outputs = outputs;
    // in microseconds, so that revisions grow when the daemon is started again
    long origin = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    this.events = new EventLog<>(origin, MOST_EVENTS, MOST_EVENT_BYTES);
    this.launcher = new RunLauncher(children, sessions, address, clock, scheduler, this::takeOut);
    Retention retention = new Retention(Retention.Limits.DEFAULT, clock, scheduler, this::forget);
    this.shared =
        new Shared(
            clock,
            scheduler,
            waiters,
            events,
            retention,
            launcher,
            new InputBudget(MOST_INPUT_BYTES));
  }

  /** Starts a process; answers when it runs. */
  public void start(StartRequest request, ProcessHooks hooks, Reply<ProcessSnapshot> reply) {
    if (request.command().argv().isEmpty()) {
      throw Fault.invalid(
          "command.argv", "command.argv is empty; name a program, such as [\"echo\", \"hi\"].");
    }
    begin(processes.create(request.id(), id -> make(id, request, hooks, reply)));
  }

  /**
   * Makes a child a process; answers at once. The limit of its output is the default, and its
   * command and session are those that it was started with.
   *
   * @return false when it was given up before; then nothing was done. It is ended when this throws
   */
  public boolean adopt(
      BackgroundChild child,
      StartRequest request,
      ProcessHooks hooks,
      Reply<ProcessSnapshot> reply) {
    if (!child.adopt()) {
      return false;
    }
    try {
      begin(processes.create(request.id(), id -> adopted(id, child, request, hooks, reply)));
      return true;
    } catch (Fault refused) {
      child.refused();
      throw refused;
    }
  }

  private void begin(OwnedProcess process) {
    try {
      if (ending) {
        throw ProcessFaults.daemonStopping();
      }
      process.begin();
    } catch (Fault refused) {
      takeOut(process);
      process.neverStarted(refused);
      sessions.end(process.run().session(), Ending.GIVEN_UP);
      throw refused;
    }
  }

  private OwnedProcess make(
      String id, StartRequest request, ProcessHooks hooks, Reply<ProcessSnapshot> reply) {
    Identity identity =
        new Identity(
            id,
            request.command(),
            request.function(),
            request.owner(),
            request.parent(),
            request.options(),
            hooks,
            outputs.newOutput(id, request.options().outputLimit()),
            null);
    return new OwnedProcess(identity, shared, new Run(1, sessions.openFor(id), reply));
  }

  private OwnedProcess adopted(
      String id,
      BackgroundChild child,
      StartRequest request,
      ProcessHooks hooks,
      Reply<ProcessSnapshot> reply) {
    Identity identity =
        new Identity(
            id,
            child.command(),
            request.function(),
            request.owner(),
            request.parent(),
            request.options(),
            hooks,
            child.output(),
            child);
    Session session = sessions.open(child.sessionId(), id);
    return new OwnedProcess(identity, shared, new Run(1, session, reply));
  }

  private void takeOut(OwnedProcess process) {
    processes.remove(process.id(), process);
  }

  /**
   * Runs a command again, under the same id and with the same output; answers when the next run
   * runs.
   *
   * @param grace for the run that has not ended; null for that of the process
   */
  public void restart(String id, @Nullable Duration grace, Reply<ProcessSnapshot> reply) {
    OwnedProcess process = processes.get(id);
    if (process.identity().hooks() != ProcessHooks.NONE) {
      throw ProcessFaults.notRestartable(id);
    }
    process.restart(
        grace,
        number -> {
          // under the lock of the process, where whoever stops all looks at it after this was set
          if (ending) {
            throw ProcessFaults.daemonStopping();
          }
          return new Run(number, sessions.openFor(id), reply);
        });
  }

  OwnedProcess owned(String id) {
    return processes.get(id);
  }

  public ProcessSnapshot get(String id) {
    return processes.get(id).snapshot();
  }

  /** A process as it was when its last run had ended, whether it runs again or not. */
  public ProcessSnapshot lastEnd(String id) {
    return processes.get(id).lastEnd();
  }

  /** A process, or null when there is none. */
  public @Nullable ProcessSnapshot find(String id) {
    OwnedProcess process = processes.find(id);
    return process == null ? null : process.snapshot();
  }

  /** Lists processes that pass a filter; pages are cut before it is asked. */
  public Registry.Page<ProcessSnapshot> list(
      int pageSize, String pageToken, Predicate<ProcessSnapshot> filter) {
    Registry.Page<OwnedProcess> page = processes.page(pageSize, pageToken);
    return new Registry.Page<>(
        page.items().stream().map(OwnedProcess::snapshot).filter(filter).toList(),
        page.nextToken());
  }

  /** Revision of the latest change. */
  public long revision() {
    return events.revision();
  }

  /**
   * Watches the processes that pass a filter, which may look at what never changes only.
   *
   * @param afterRevision where to go on; 0, or one that is not remembered, begins with a list
   * @param wake told once that there is something new after {@link ProcessWatch#next} has answered
   *     null and no list was complete; runs on any thread of the daemon, and must not block
   */
  public ProcessWatch watch(long afterRevision, Predicate<ProcessSnapshot> filter, Runnable wake) {
    return new ProcessWatch(events, afterRevision, processes::all, filter, wake);
  }

  /** Answers when the process has ended, or the time is over. */
  public void await(String id, @Nullable Duration timeout, Reply<WaitAnswer> reply) {
    processes.get(id).await(timeout, reply);
  }

  /** Answers whether the signal was sent. */
  public void signal(String id, String signalName, boolean wholeGroup, Reply<Boolean> reply) {
    OwnedProcess process = processes.get(id);
    answer(process.signal(ProcessOptions.signal(signalName), wholeGroup), reply);
  }

  /**
   * Ends a process with its group; answers when it has ended. The survivors are those of the group
   * that could not be ended, and descendants outside of the group, which are left alone.
   *
   * @param grace null for that of the process
   */
  public void stop(String id, @Nullable Duration grace, ExitCause cause, Reply<StopAnswer> reply) {
    OwnedProcess process = processes.get(id);
    CompletableFuture<StopAnswer> stopped = process.stop(grace, cause);
    answer(
        cause == ExitCause.STOP_REQUESTED
            ? stopped.thenCompose(answer -> withDescendants(process, answer))
            : stopped,
        reply);
  }

  private static CompletableFuture<StopAnswer> withDescendants(
      OwnedProcess process, StopAnswer answer) {
    Child child = process.run().child();
    return child == null
        ? CompletableFuture.completedFuture(answer)
        : child
            .carriers(SESSION_VARIABLE, answer.process().sessionId())
            .thenApply(answer::withMore);
  }

  private static <A> void answer(CompletableFuture<A> future, Reply<A> reply) {
    future.whenComplete(
        (answer, failure) -> {
          if (failure == null) {
            reply.answer(answer);
          } else {
            reply.refuse(ProcessFaults.of(failure));
          }
        });
  }

  /**
   * Ends every process, and starts no other; completes when all have ended.
   *
   * @param longestGrace for those that have no shorter one
   */
  public CompletableFuture<Void> stopAll(Duration longestGrace) {
    ending = true;
    return CompletableFuture.allOf(
        processes.all().stream()
            .filter(process -> !process.hasEnded())
            .map(process -> stopForEver(process, longestGrace))
            .toArray(CompletableFuture<?>[]::new));
  }

  private static CompletableFuture<?> stopForEver(OwnedProcess process, Duration longestGrace) {
    Duration its = process.identity().options().stopGrace();
    return process
        .stop(its.compareTo(longestGrace) < 0 ? its : longestGrace, ExitCause.DAEMON_STOPPED)
        .exceptionally(neverStarted -> null);
  }

  /** Reads kept output. */
  public void readOutput(String id, OutputRead read, Reply<OutputChunk> reply) {
    outputs.read(processes.get(id), read, reply);
  }

  /**
   * The end of what a process wrote to standard error, as text. Never fails: empty when it cannot
   * be read.
   */
  public CompletableFuture<String> stderrTail(String id) {
    OwnedProcess process = processes.find(id);
    return process == null
        ? CompletableFuture.completedFuture("")
        : outputs.stderrTail(process.identity().output());
  }

  /** Forgets a process that has ended; answers what it was. */
  public ProcessSnapshot delete(String id) {
    OwnedProcess process = processes.get(id);
    if (!forget(process, null)) {
      throw processes.notFound(id);
    }
    return process.snapshot();
  }

  private boolean forget(OwnedProcess process, @Nullable Run last) {
    if (!process.forget(last)) {
      return false;
    }
    takeOut(process);
    process.io().followers().processForgotten(processes.notFound(process.id()));
    process.identity().output().delete();
    return true;
  }

  /** Answers how many processes live. */
  public int living() {
    return launcher.living();
  }
}
