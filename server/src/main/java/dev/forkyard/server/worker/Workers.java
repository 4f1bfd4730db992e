package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
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
import dev.forkyard.server.process.StopAnswer;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.worker.WorkerRuntime.CommandRuntime;
import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private static final String MAIN_CLASS = "dev.forkyard.worker.WorkerMain";

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
  private final Path folder;
  private final String socket;
  private final Function<String, Payload> jsonPayload;
  private final Executor files;
  private final UnaryWorker.Polling polling;
  private final ConcurrentHashMap<String, Worker> byToken = new ConcurrentHashMap<>();

  /**
   * @param folder for the files of workers; exists and belongs to the daemon alone
   * @param socket where workers connect
   * @param jsonPayload makes a payload of JSON text
   * @param files runs what touches files
   * @param polling for workers that make single calls
   */
  public Workers(
      ProcessManager processes,
      Path folder,
      String socket,
      Function<String, Payload> jsonPayload,
      Executor files,
      UnaryWorker.Polling polling) {
    this.processes = processes;
    this.folder = folder;
    this.socket = socket;
    this.jsonPayload = jsonPayload;
    this.files = files;
    this.polling = polling;
  }

  /** What to start, for whom, and whose child it is. */
  public record Request(
      String processId,
      WorkerSpec spec,
      Mode mode,
      @Nullable FunctionName function,
      Owner owner,
      Parent parent,
      ProcessOptions options) {}

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
    if (request.spec().runtime() instanceof JavaRuntime java) {
      startJava(request, java, new Start(listener, outcome, reply));
    } else if (request.spec().runtime() instanceof CommandRuntime program) {
      startProgram(request, program, new Start(listener, outcome, reply));
    }
  }

  private record Start(
      WorkerListener listener,
      CompletableFuture<@Nullable FunctionOutcome> outcome,
      Reply<ProcessSnapshot> reply) {}

  private void startProgram(Request request, CommandRuntime program, Start start) {
    Worker worker =
        new Worker(
            Ids.secret(),
            start.listener(),
            new Worker.Life(false, this::remainsWithoutJournal, this::endSoon));
    ProcessHooks hooks = named(worker, worker.hooks(start.outcome()), () -> {});
    try {
      processes.start(
          process(request, program.argv(), environment(request, worker)), hooks, start.reply());
    } catch (Fault refused) {
      byToken.remove(worker.token());
      start.reply().refuse(refused);
    }
  }

  private CompletableFuture<WorkerRemains> remainsWithoutJournal(String processId) {
    return processes
        .stderrTail(processId)
        .thenApply(stderrTail -> new WorkerRemains(null, null, stderrTail));
  }

  private void startJava(Request request, JavaRuntime java, Start start) {
    WorkerFiles workerFiles =
        new WorkerFiles(folder, Ids.random("w"), processes, jsonPayload, files);
    Worker worker =
        new Worker(
            Ids.secret(),
            start.listener(),
            new Worker.Life(true, workerFiles::remains, this::endSoon));
    ProcessHooks hooks =
        named(worker, worker.hooks(start.outcome()), () -> files.execute(workerFiles::delete));
    List<String> argv = new ArrayList<>();
    argv.add(java.programs() + "/bin/java");
    argv.addAll(java.jvmFlags());
    argv.add("@" + workerFiles.arguments());
    Map<String, String> environment = environment(request, worker);
    environment.put("FORKYARD_WORKER_JOURNAL", workerFiles.journal().toString());
    workerFiles
        .create(javaArguments(java))
        .thenRun(() -> processes.start(process(request, argv, environment), hooks, start.reply()))
        .exceptionally(
            failure -> {
              hooks.notStarted();
              start.reply().refuse(faultOf(failure));
              return null;
            });
  }

  private static Fault faultOf(Throwable failure) {
    return failure.getCause() instanceof Fault fault
        ? fault
        : new Fault(
            Reason.SPAWN_FAILED,
            "The worker's files could not be written; look after the disk of the daemon's state"
                + " directory: "
                + failure.getMessage());
  }

  private static StartRequest process(
      Request request, List<String> argv, Map<String, String> environment) {
    WorkerSpec spec = request.spec();
    Command command =
        new Command(argv, spec.cwd(), environment, spec.clearEnvironment(), CommandOptions.DEFAULT);
    return new StartRequest(
        request.processId(),
        command,
        request.function(),
        request.owner(),
        request.parent(),
        request.options());
  }

  private Map<String, String> environment(Request request, Worker worker) {
    Map<String, String> environment = new HashMap<>(request.spec().environment());
    environment.put("FORKYARD_WORKER_SOCKET", socket);
    environment.put("FORKYARD_WORKER_TOKEN", worker.token());
    if (request.mode() == Mode.PROCESS) {
      environment.put("FORKYARD_WORKER_MODE", "process");
    }
    return environment;
  }

  /** What follows the user's flags, in the syntax of java's argument files. */
  private static String javaArguments(JavaRuntime java) {
    String classPath =
        String.join(":", java.classPath()).replace("\\", "\\\\").replace("\"", "\\\"");
    return "-XX:+UseSerialGC\n-cp\n\"" + classPath + "\"\n" + MAIN_CLASS + "\n";
  }

  /** Makes the worker known by its token until its process has ended. */
  private ProcessHooks named(Worker worker, ProcessHooks hooks, Runnable deleteFiles) {
    byToken.put(worker.token(), worker);
    return new ForgettingHooks(hooks, () -> byToken.remove(worker.token()), deleteFiles);
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
    byToken.remove(token);
    return worker;
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
  private void endSoon(Worker worker) {
    polling
        .scheduler()
        .schedule(
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
      processes.stop(processId, STOP_GRACE, ExitCause.STOP_REQUESTED, NOBODY);
    } catch (Fault forgotten) {
      log.fine("a worker was forgotten before it was stopped");
    }
  }

  private static final Reply<StopAnswer> NOBODY =
      new Reply<>() {
        @Override
        public void answer(StopAnswer answer) {}

        @Override
        public void refuse(Fault fault) {}

        @Override
        public void whenGone(Runnable action) {}
      };
}
