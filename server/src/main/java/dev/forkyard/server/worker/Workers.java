package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.process.BackgroundChildren;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.CommandOptions;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.worker.WorkerRuntime.CommandRuntime;
import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Starts workers and introduces their connections to them. Thread-safe; no method waits. */
public final class Workers {
  private static final Logger log = Logger.getLogger(Workers.class.getName());

  /** How long a process may live on without its connection, and the other way round. */
  private static final Duration LINGERING = Duration.ofSeconds(5);

  private static final Duration STOP_GRACE = Duration.ofSeconds(2);

  /** What a worker is for. */
  public enum Mode {
    /** Calls of a pool. */
    POOL,
    /** One call, whose failure is the failure of the process. */
    PROCESS
  }

  private final ProcessManager processes;
  private final String socket;
  private final UnaryWorker.Polling polling;
  private final Scheduler scheduler;
  private final JavaWorkers java;
  private final ConcurrentHashMap<String, Worker> byToken = new ConcurrentHashMap<>();

  /**
   * What starting ahead takes.
   *
   * @param archives folder for archives of classes, which stay; exists and belongs to the daemon
   *     alone, with an empty folder {@link #TRAINING_FOLDER} in it
   * @param spares most workers that wait for function processes
   */
  public record Ahead(
      BackgroundChildren children, Path archives, int spares, Clock clock, Scheduler scheduler) {

    /** As many spares as may be asked for. */
    public static final int MOST_SPARES = Spares.Limits.ALL;

    /** Where archives are made, inside of their folder. */
    public static final String TRAINING_FOLDER = "new";

    /** How many workers wait at most where nobody says anything else. */
    public static int usualSpares() {
      return Spares.Limits.usual().all();
    }

    Path training() {
      return archives.resolve(TRAINING_FOLDER);
    }
  }

  /**
   * @param folder for the files of workers; exists and belongs to the daemon alone
   * @param socket where workers connect
   * @param jsonPayload makes a payload of JSON text
   * @param files runs what touches files
   * @param polling for workers that make single calls
   * @param ahead for Java workers
   */
  public Workers(
      ProcessManager processes,
      Path folder,
      String socket,
      Function<String, Payload> jsonPayload,
      Executor files,
      UnaryWorker.Polling polling,
      Ahead ahead) {
    this.processes = processes;
    this.socket = socket;
    this.polling = polling;
    this.scheduler = ahead.scheduler();
    this.java = new JavaWorkers(this, processes, folder, jsonPayload, files, ahead);
  }

  /** What to start, for whom, and whose child it is. */
  public record Request(
      String processId,
      WorkerSpec spec,
      Mode mode,
      @Nullable FunctionName function,
      Owner owner,
      Parent parent,
      ProcessOptions options) {

    StartRequest running(Command command) {
      return new StartRequest(processId, command, function, owner, parent, options);
    }
  }

  /** Who wants to know of a worker. */
  record Start(
      WorkerListener listener,
      CompletableFuture<@Nullable FunctionOutcome> outcome,
      Reply<ProcessSnapshot> reply) {}

  /**
   * Starts a worker; answers when its process runs.
   *
   * @param outcome what its process comes to, completed by the listener at the latest when the
   *     worker is lost
   */
  public void start(
      Request request,
      WorkerListener listener,
      CompletableFuture<@Nullable FunctionOutcome> outcome,
      Reply<ProcessSnapshot> reply) {
    Start start = new Start(listener, outcome, reply);
    if (request.spec().runtime() instanceof JavaRuntime) {
      java.start(request, start);
    } else if (request.spec().runtime() instanceof CommandRuntime program) {
      startProgram(request, program, start);
    }
  }

  /** Ends what waits or is trained, and starts nothing ahead any more. */
  public void close() {
    java.close();
  }

  private void startProgram(Request request, CommandRuntime program, Start start) {
    Worker worker =
        add(start.listener(), new Worker.Life(false, this::remainsWithoutJournal, this::endSoon));
    WorkerSpec spec = request.spec();
    Command command =
        command(spec, program.argv(), environment(spec, request.mode(), worker.token()));
    ProcessHooks hooks =
        new ForgettingHooks(worker.hooks(start.outcome()), () -> forget(worker), () -> {});
    try {
      processes.start(request.running(command), hooks, start.reply());
    } catch (Fault refused) {
      forget(worker);
      start.reply().refuse(refused);
    }
  }

  private CompletableFuture<WorkerRemains> remainsWithoutJournal(String processId) {
    return processes
        .stderrTail(processId)
        .thenApply(stderrTail -> new WorkerRemains(null, null, stderrTail));
  }

  /** Makes a worker known by its token. */
  Worker add(WorkerListener listener, Worker.Life life) {
    Worker worker = new Worker(Ids.secret(), listener, life);
    byToken.put(worker.token(), worker);
    return worker;
  }

  /** Its token is worth nothing any more. */
  void forget(Worker worker) {
    byToken.remove(worker.token());
  }

  /** What a worker is told of the daemon, besides the environment of the user. */
  Map<String, String> environment(WorkerSpec spec, Mode mode, String token) {
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put("FORKYARD_WORKER_SOCKET", socket);
    environment.put("FORKYARD_WORKER_TOKEN", token);
    if (mode == Mode.PROCESS) {
      environment.put("FORKYARD_WORKER_MODE", "process");
    }
    return environment;
  }

  static Command command(WorkerSpec spec, List<String> argv, Map<String, String> environment) {
    return new Command(
        argv, spec.cwd(), environment, spec.clearEnvironment(), CommandOptions.DEFAULT);
  }

  /**
   * Connects a worker to who uses it; its token is worth nothing afterwards.
   *
   * @throws Fault WORKER_NOT_KNOWN when the token is not one, or not any more
   */
  public Worker connect(String token, WorkerLink link) {
    Worker worker = byToken.get(token);
    if (worker == null || !worker.connected(link)) {
      throw UnaryWorker.notKnown();
    }
    forget(worker);
    return worker;
  }

  /**
   * Who is behind a connection that was refused before its worker was introduced.
   *
   * @param token what it showed; empty for nothing
   * @param pid of the process that connected; 0 when it is not known
   * @return null when nobody is to be told
   */
  public @Nullable Worker refused(String token, int pid) {
    Worker named = byToken.get(token);
    if (named != null || pid == 0) {
      return named;
    }
    return byToken.values().stream()
        .filter(worker -> worker.isAwaitedFrom(pid))
        .findFirst()
        .orElse(null);
  }

  /**
   * A worker that makes single calls; its token names it until its process has ended.
   *
   * @throws Fault WORKER_NOT_KNOWN when the token is not one, or is that of a connected worker
   */
  public UnaryWorker unary(String token) {
    Worker worker = byToken.get(token);
    UnaryWorker unary =
        worker == null ? null : worker.unary(itself -> new UnaryWorker(itself, polling));
    if (unary == null) {
      throw UnaryWorker.notKnown();
    }
    return unary;
  }

  /** Ends what is left of a worker, if it does not end by itself. */
  void endSoon(Worker worker) {
    scheduler.schedule(
        LINGERING,
        () -> {
          stop(worker.livingProcessId());
          worker.closeConnection();
        });
  }

  private void stop(String processId) {
    if (processId.isEmpty()) {
      return;
    }
    try {
      processes.stop(processId, STOP_GRACE, ExitCause.STOP_REQUESTED, Reply.ignoring());
    } catch (Fault forgotten) {
      log.fine("a worker was forgotten before it was stopped");
    }
  }
}
