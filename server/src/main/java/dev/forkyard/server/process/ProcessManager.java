package dev.forkyard.server.process;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Signal;
import dev.forkyard.server.os.SpawnSpec;
import dev.forkyard.server.process.OwnedProcess.Identity;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the daemon by name. Thread-safe, and none of its methods waits. What it refuses
 * at once it throws as a {@link Fault}; what it refuses later goes to the reply.
 */
public final class ProcessManager {
  private static final Logger log = Logger.getLogger(ProcessManager.class.getName());

  /** What every child is told of the daemon. */
  public static final String ADDRESS_VARIABLE = "FORKYARD_ADDRESS";

  public static final String SESSION_VARIABLE = "FORKYARD_SESSION";

  /** Time between TERM and KILL where nobody says otherwise. */
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

  /** Most bytes of input that wait in the whole daemon. */
  private static final long MOST_INPUT_BYTES = 64L << 20;

  private final Registry<OwnedProcess> processes;
  private final ChildStarter children;
  private final AtomicInteger living = new AtomicInteger();
  private final Sessions sessions;
  private final OutputStore outputs;
  private final String address;
  private final Clock clock;
  private final Scheduler scheduler;
  private final WaiterLimit waiters;
  private final Retention retention;
  private final InputBudget inputBudget = new InputBudget(MOST_INPUT_BYTES);

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
    this.children = children;
    this.sessions = sessions;
    this.outputs = outputs;
    this.address = address;
    this.clock = clock;
    this.scheduler = scheduler;
    this.waiters = waiters;
    this.retention = new Retention(this::forget);
  }

  /** Starts a process; answers when it runs. */
  public void start(StartRequest request, ProcessHooks hooks, Reply<ProcessSnapshot> reply) {
    if (request.command().argv().isEmpty()) {
      throw Fault.invalid(
          "command.argv", "command.argv is empty; name a program, such as [\"echo\", \"hi\"].");
    }
    OwnedProcess process = processes.create(request.id(), id -> make(id, request));
    // the exit may be known before the start has been handled here, and must not overtake it
    CompletableFuture<ChildExit> exit = new CompletableFuture<>();
    children
        .spawn(spec(process), exit::complete)
        .handle(
            (child, failure) -> {
              if (failure == null) {
                started(process, child, hooks, reply);
                exit.thenAccept(facts -> exited(process, hooks, facts))
                    .whenComplete(ProcessManager::logBug);
              } else {
                notStarted(process, hooks, ProcessFaults.of(failure), reply);
              }
              return Done.DONE;
            })
        .whenComplete(ProcessManager::logBug);
  }

  private void notStarted(
      OwnedProcess process, ProcessHooks hooks, Fault fault, Reply<ProcessSnapshot> reply) {
    processes.remove(process.id(), process);
    sessions.end(process.identity().session());
    process.notStarted(fault);
    hooks.notStarted();
    reply.refuse(fault);
  }

  private static void logBug(@Nullable Object ignored, @Nullable Throwable bug) {
    if (bug != null) {
      log.log(Level.SEVERE, "the life of a process was not handled", bug);
    }
  }

  private OwnedProcess make(String id, StartRequest request) {
    Identity identity =
        new Identity(
            id,
            request.command(),
            request.function(),
            sessions.open(),
            request.owner(),
            outputs.newOutput(id, OutputStore.DEFAULT_LIMIT));
    return new OwnedProcess(identity, clock, scheduler, waiters, inputBudget);
  }

  private SpawnSpec spec(OwnedProcess process) {
    Identity identity = process.identity();
    Command command = identity.command();
    Map<String, String> environment = new HashMap<>(command.environment());
    environment.put(ADDRESS_VARIABLE, address);
    environment.put(SESSION_VARIABLE, identity.session().id());
    return new SpawnSpec(
        command.argv(),
        environment,
        command.clearEnvironment(),
        command.cwd(),
        command.options().attributes(),
        command.options().stdio(),
        identity.output());
  }

  private void started(
      OwnedProcess process, Child child, ProcessHooks hooks, Reply<ProcessSnapshot> reply) {
    process.started(child);
    living.incrementAndGet();
    ProcessSnapshot snapshot = process.snapshot();
    hooks.started(snapshot, process.identity().session());
    try {
      process
          .identity()
          .owner()
          .endsWithIt(process, () -> stop(process, DEFAULT_GRACE, ExitCause.SESSION_ENDED));
      reply.answer(snapshot);
    } catch (Fault ownerIsGone) {
      stop(process, Duration.ZERO, ExitCause.SESSION_ENDED);
      reply.refuse(ownerIsGone);
    }
  }

  private void exited(OwnedProcess process, ProcessHooks hooks, ChildExit facts) {
    ProcessExit exit = ProcessExit.of(facts, process.causeOf(facts));
    Session session = process.identity().session();
    CompletableFuture<Done> sessionEnd = sessions.endAfterStreams(session, scheduler);
    hooks
        .ended(exit)
        .toCompletableFuture()
        .thenCombine(sessionEnd, (outcome, done) -> outcome)
        .handle(
            (outcome, bug) -> {
              logBug(outcome, bug);
              return outcome;
            })
        .thenAccept(outcome -> ended(process, exit, outcome))
        .whenComplete(ProcessManager::logBug);
  }

  private void ended(OwnedProcess process, ProcessExit exit, @Nullable FunctionOutcome outcome) {
    living.decrementAndGet();
    process.identity().owner().ended(process);
    process.ended(exit, outcome);
    retention.add(process);
  }

  OwnedProcess find(String id) {
    return processes.get(id);
  }

  public ProcessSnapshot get(String id) {
    return processes.get(id).snapshot();
  }

  public Registry.Page<ProcessSnapshot> list(int pageSize, String pageToken) {
    Registry.Page<OwnedProcess> page = processes.page(pageSize, pageToken);
    return new Registry.Page<>(
        page.items().stream().map(OwnedProcess::snapshot).toList(), page.nextToken());
  }

  /** Answers when the process has ended, or the time is over. */
  public void await(String id, @Nullable Duration timeout, Reply<WaitAnswer> reply) {
    processes.get(id).await(timeout, reply);
  }

  /** Answers whether the signal was sent. */
  public void signal(String id, String signalName, boolean wholeGroup, Reply<Boolean> reply) {
    OwnedProcess process = processes.get(id);
    Signal signal = Signal.named(signalName).orElseThrow(() -> unknown(signalName));
    answer(process.signal(signal, wholeGroup), reply);
  }

  private static Fault unknown(String signalName) {
    String shown = signalName.length() > 100 ? signalName.substring(0, 100) + "…" : signalName;
    return new Fault(
            Reason.UNKNOWN_SIGNAL,
            "There is no signal \""
                + shown
                + "\"; use a name such as TERM, HUP, INT, KILL or USR1.")
        .with("signal", shown);
  }

  /** Ends a process with its group; answers when it has ended. */
  public void stop(String id, Duration grace, ExitCause cause, Reply<StopAnswer> reply) {
    OwnedProcess process = processes.get(id);
    CompletableFuture<StopAnswer> stopped =
        stop(process, grace, cause)
            .thenApply(survivors -> new StopAnswer(process.snapshot(), survivors));
    answer(stopped, reply);
  }

  private CompletableFuture<List<Integer>> stop(
      OwnedProcess process, Duration grace, ExitCause cause) {
    return process.hasEnded()
        ? CompletableFuture.completedFuture(List.of())
        : process.stop(grace, cause);
  }

  private static <A> void answer(CompletableFuture<A> future, Reply<A> reply) {
    future.whenComplete(
        (answer, failure) -> {
          if (failure == null) {
            reply.answer(answer);
          } else {
            reply.refuse(
                failure.getCause() instanceof Fault fault ? fault : ProcessFaults.of(failure));
          }
        });
  }

  /** Ends every process; completes when all have ended. */
  public CompletableFuture<Void> stopAll(Duration grace) {
    return CompletableFuture.allOf(
        processes.all().stream()
            .map(process -> stop(process, grace, ExitCause.DAEMON_STOPPED))
            .toArray(CompletableFuture<?>[]::new));
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
    ProcessSnapshot last = process.snapshot();
    if (!process.hasEnded()) {
      throw ProcessFaults.running(id);
    }
    if (!forget(process)) {
      throw processes.notFound(id);
    }
    return last;
  }

  private boolean forget(OwnedProcess process) {
    if (!processes.remove(process.id(), process)) {
      return false;
    }
    retention.remove(process);
    process.io().followers().processForgotten(processes.notFound(process.id()));
    process.discardOutput();
    process.identity().output().delete();
    return true;
  }

  /** Answers how many processes live. */
  public int living() {
    return living.get();
  }
}
