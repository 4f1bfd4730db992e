package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.os.FreeMemory;
import dev.forkyard.server.process.BackgroundChild;
import dev.forkyard.server.process.BackgroundChildren;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.CommandOptions;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.session.Owner;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Starts workers and introduces their connections to them. Thread-safe; no method waits. */
public final class Workers {
  private static final String MAIN_CLASS = "dev.forkyard.worker.WorkerMain";
  private static final double LEAST_FREE_MEMORY = 0.1;
  private static final int NICEST = 19;

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
  private final Ahead ahead;
  private final Archives archives;
  private final Training training;
  private final Spares<Spare> spares;
  private final Assignment warmUp;
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

    private Path training() {
      return archives.resolve(TRAINING_FOLDER);
    }

    /** How many workers wait at most where nobody says anything else. */
    public static int usualSpares() {
      return Spares.Limits.usual().all();
    }
  }

  /**
   * @param folder for the files of workers; exists and belongs to the daemon alone
   * @param socket where workers connect
   * @param jsonPayload makes a payload of JSON text
   * @param files runs what touches files
   */
  public Workers(
      ProcessManager processes,
      Path folder,
      String socket,
      Function<String, Payload> jsonPayload,
      Executor files,
      Ahead ahead) {
    this.processes = processes;
    this.folder = folder;
    this.socket = socket;
    this.jsonPayload = jsonPayload;
    this.files = files;
    this.ahead = ahead;
    warmUp = Warmth.assignment(Warmth.CODEC, jsonPayload);
    archives = new Archives(ahead.archives(), Archives.Limits.DEFAULT);
    training = new Training(archives, ahead.training(), this::train, ahead.scheduler(), files);
    spares =
        new Spares<>(
            new Spares.Limits(Spares.Limits.OF_A_KIND, ahead.spares()),
            this::spare,
            ahead.clock(),
            ahead.scheduler(),
            files,
            () -> FreeMemory.isLessThan(LEAST_FREE_MEMORY));
  }

  /** What to start, and for whom. */
  public record Request(
      String processId,
      WorkerSpec spec,
      Mode mode,
      @Nullable FunctionName function,
      Owner owner,
      ProcessOptions options) {
    private StartRequest with(Command command) {
      return new StartRequest(processId, command, function, owner, options);
    }
  }

  /** What a worker has before it has a process. */
  record Prepared(Worker worker, WorkerFiles files, Command command) {
    /** The same, to be run when nobody else wants the processor. */
    private Prepared nicest() {
      return new Prepared(worker, files, command.withNice(NICEST));
    }
  }

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
    if (request.mode() == Mode.PROCESS && request.options().hasUsualOutput()) {
      supply(() -> takeSpare(request.spec()))
          .thenCompose(
              spare ->
                  spare == null
                      ? CompletableFuture.completedFuture(false)
                      : adopt(spare, request, listener, outcome, reply))
          .thenAccept(
              adopted -> {
                if (!adopted) {
                  spawn(request, listener, outcome, reply);
                }
              });
    } else {
      spawn(request, listener, outcome, reply);
    }
  }

  private <T> CompletableFuture<T> supply(Supplier<T> reading) {
    return CompletableFuture.supplyAsync(reading, files);
  }

  private @Nullable Spare takeSpare(WorkerSpec spec) {
    LaunchKey key = LaunchKey.of(spec);
    return key == null ? null : spares.take(key);
  }

  private Spare spare(LaunchKey key) {
    return new Spare(
        warmUp,
        ahead.scheduler(),
        spare -> startSpare(key, spare),
        spare -> spares.gone(key, spare));
  }

  private void startSpare(LaunchKey key, Spare spare) {
    WorkerSpec spec = key.spec();
    Prepared prepared = prepare(spec, Mode.PROCESS, spare);
    inBackground(prepared, true, () -> javaArguments(spec, archiveFlags(spec)))
        .whenComplete(
            (child, failure) -> {
              if (child == null) {
                spare.gone();
              } else {
                child.endedUnused().thenRun(spare::gone);
                spare.runs(new Spare.Body(child, prepared));
              }
            });
  }

  /** Gives the work to a spare; false when it has to be started otherwise. */
  private CompletableFuture<Boolean> adopt(
      Spare spare,
      Request request,
      WorkerListener listener,
      CompletableFuture<@Nullable FunctionOutcome> outcome,
      Reply<ProcessSnapshot> reply) {
    return spare
        .wake()
        .thenApply(
            body -> {
              if (body == null) {
                return false;
              }
              spare.serve(listener);
              ProcessHooks hooks = hooks(body.prepared(), outcome);
              StartRequest start = request.with(body.prepared().command());
              try {
                return processes.adopt(body.child(), start, hooks, reply);
              } catch (Fault refused) {
                hooks.notStarted();
                reply.refuse(refused);
                return true;
              }
            });
  }

  private void spawn(
      Request request,
      WorkerListener listener,
      CompletableFuture<@Nullable FunctionOutcome> outcome,
      Reply<ProcessSnapshot> reply) {
    Prepared prepared = prepare(request.spec(), request.mode(), listener);
    ProcessHooks hooks = hooks(prepared, outcome);
    prepared
        .files()
        .create(() -> javaArguments(request.spec(), archiveFlags(request.spec())))
        .thenRun(() -> processes.start(request.with(prepared.command()), hooks, reply))
        .exceptionally(
            failure -> {
              hooks.notStarted();
              reply.refuse(faultOf(failure));
              return null;
            });
  }

  /** Ends what waits or is trained, and starts nothing ahead any more. */
  public void close() {
    spares.close();
    training.close();
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

  private Prepared prepare(WorkerSpec spec, Mode mode, WorkerListener listener) {
    String token = Ids.secret();
    WorkerFiles workerFiles =
        new WorkerFiles(folder, Ids.random("w"), processes, jsonPayload, files);
    Worker worker = new Worker(token, listener, workerFiles);
    byToken.put(token, worker);
    return new Prepared(worker, workerFiles, command(spec, mode, token, workerFiles));
  }

  private Command command(WorkerSpec spec, Mode mode, String token, WorkerFiles workerFiles) {
    List<String> argv = new ArrayList<>();
    argv.add(spec.home() + "/bin/java");
    argv.addAll(spec.jvmFlags());
    argv.add("@" + workerFiles.arguments());
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put("FORKYARD_WORKER_SOCKET", socket);
    environment.put("FORKYARD_WORKER_TOKEN", token);
    environment.put("FORKYARD_WORKER_JOURNAL", workerFiles.journal().toString());
    if (mode == Mode.PROCESS) {
      environment.put("FORKYARD_WORKER_MODE", "process");
    }
    return new Command(
        argv, spec.cwd(), environment, spec.clearEnvironment(), CommandOptions.DEFAULT);
  }

  /** What follows the user's flags, in the syntax of java's argument files. */
  private static String javaArguments(WorkerSpec spec, List<String> more) {
    StringBuilder lines = new StringBuilder();
    if (!Archives.choosesCollector(spec.jvmFlags())) {
      lines.append("-XX:+UseSerialGC\n");
    }
    more.forEach(flag -> lines.append(quoted(flag)).append('\n'));
    String classPath = String.join(":", spec.classPath());
    return lines + "-cp\n" + quoted(classPath) + "\n" + MAIN_CLASS + "\n";
  }

  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Uses an archive if there is one; otherwise there will be. Blocks on the disk. */
  private List<String> archiveFlags(WorkerSpec spec) {
    LaunchKey key = LaunchKey.of(spec);
    Archives.Wanted wanted = key == null ? null : Archives.wanted(key);
    if (key == null || wanted == null) {
      return List.of();
    }
    Path archive = archives.find(wanted);
    if (archive == null) {
      training.want(key, wanted);
      return List.of();
    }
    return wanted.kind().using(archive);
  }

  /** Starts a worker that loads what workers need, writes an archive of it, and ends. */
  private CompletableFuture<BackgroundChild> train(
      LaunchKey key, Archives.Wanted wanted, Path archive) {
    WorkerSpec spec =
        new WorkerSpec(
            key.spec().javaHome(),
            key.spec().classPath(),
            wanted.flags(),
            ahead.training().toString(),
            Map.of(),
            true);
    Prepared prepared = prepare(spec, Mode.POOL, new Warmth(jsonPayload));
    return inBackground(
        prepared.nicest(), false, () -> javaArguments(spec, wanted.kind().making(archive)));
  }

  private CompletableFuture<BackgroundChild> inBackground(
      Prepared prepared, boolean inSession, Supplier<String> javaArguments) {
    return prepared
        .files()
        .create(javaArguments)
        .thenCompose(made -> ahead.children().start(prepared.command(), inSession))
        .whenComplete(
            (child, failure) -> {
              if (child == null) {
                forget(prepared);
              } else {
                child.endedUnused().thenRun(() -> forget(prepared));
              }
            });
  }

  private void forget(Prepared prepared) {
    byToken.remove(prepared.worker().token());
    files.execute(prepared.files()::delete);
  }

  private ProcessHooks hooks(
      Prepared prepared, CompletableFuture<@Nullable FunctionOutcome> outcome) {
    return new ForgettingHooks(
        prepared.worker().hooks(outcome),
        () -> byToken.remove(prepared.worker().token()),
        () -> files.execute(prepared.files()::delete));
  }

  /**
   * Finds the worker that a token belongs to; the token is worth nothing afterwards.
   *
   * @return null when the token is not one, or not any more
   */
  public @Nullable Worker claim(String token) {
    return byToken.remove(token);
  }
}
