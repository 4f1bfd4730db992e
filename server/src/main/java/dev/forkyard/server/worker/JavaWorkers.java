package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.os.FreeMemory;
import dev.forkyard.server.process.BackgroundChild;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import dev.forkyard.server.worker.Workers.Mode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Starts Java workers: spares where some wait, and with archives of classes where there are some.
 * Thread-safe; no method waits.
 */
final class JavaWorkers {
  private static final Logger log = Logger.getLogger(JavaWorkers.class.getName());
  private static final String MAIN_CLASS = "dev.forkyard.worker.WorkerMain";
  private static final double LEAST_FREE_MEMORY = 0.1;
  private static final int NICEST = 19;

  private final Workers workers;
  private final ProcessManager processes;
  private final Path folder;
  private final Function<String, Payload> jsonPayload;
  private final Executor files;
  private final Workers.Ahead ahead;
  private final Archives archives;
  private final Training training;
  private final Spares<Spare> spares;
  private final Assignment warmUp;

  /** What a worker has before it has a process. */
  record Prepared(Worker worker, WorkerFiles files, Command command) {
    /** The same, to be run when nobody else wants the processor. */
    private Prepared nicest() {
      return new Prepared(worker, files, command.withNice(NICEST));
    }
  }

  JavaWorkers(
      Workers workers,
      ProcessManager processes,
      Path folder,
      Function<String, Payload> jsonPayload,
      Executor files,
      Workers.Ahead ahead) {
    this.workers = workers;
    this.processes = processes;
    this.folder = folder;
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

  void start(Workers.Request request, Workers.Start start) {
    if (request.mode() == Mode.PROCESS && request.options().hasUsualOutput()) {
      supply(() -> takeSpare(request.spec()))
          .thenCompose(
              spare ->
                  spare == null
                      ? CompletableFuture.completedFuture(false)
                      : adopt(spare, request, start))
          .exceptionally(JavaWorkers::notAdopted)
          .thenAccept(
              adopted -> {
                if (!adopted) {
                  spawn(request, start);
                }
              });
    } else {
      spawn(request, start);
    }
  }

  private static boolean notAdopted(Throwable bug) {
    log.log(Level.SEVERE, "a worker that waits could not be taken", bug);
    return false;
  }

  /** Ends what waits or is trained, and starts nothing ahead any more. */
  void close() {
    spares.close();
    training.close();
  }

  private <T> CompletableFuture<T> supply(Supplier<T> reading) {
    return CompletableFuture.supplyAsync(reading, files);
  }

  private @Nullable Spare takeSpare(WorkerSpec spec) {
    LaunchKey key = JvmFlags.of(spec).arePrivate() ? LaunchKey.of(spec) : null;
    return key == null ? null : spares.take(key);
  }

  private Spare spare(LaunchKey key) {
    return new Spare(
        warmUp,
        ahead.scheduler(),
        spare -> startSpare(key, spare),
        spare -> spares.gone(key, spare),
        () -> spares.unfit(key));
  }

  private void startSpare(LaunchKey key, Spare spare) {
    Prepared prepared = prepare(key.spec(), key.java(), Mode.PROCESS, spare);
    inBackground(prepared, true, () -> javaArguments(key.spec(), archiveFlags(key)))
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
      Spare spare, Workers.Request request, Workers.Start start) {
    return spare
        .wake()
        .thenApply(
            body -> {
              if (body == null) {
                return false;
              }
              spare.serve(start.listener());
              ProcessHooks hooks = hooks(body.prepared(), start.outcome());
              StartRequest running = request.running(body.prepared().command());
              try {
                return processes.adopt(body.child(), running, hooks, start.reply());
              } catch (Fault refused) {
                hooks.notStarted();
                start.reply().refuse(refused);
                return true;
              }
            });
  }

  private void spawn(Workers.Request request, Workers.Start start) {
    JavaRuntime java = (JavaRuntime) request.spec().runtime();
    Prepared prepared = prepare(request.spec(), java, request.mode(), start.listener());
    ProcessHooks hooks = hooks(prepared, start.outcome());
    prepared
        .files()
        .create(
            () -> {
              java.checkFiles();
              return javaArguments(request.spec(), archiveFlags(LaunchKey.of(request.spec())));
            })
        .thenRun(() -> processes.start(request.running(prepared.command()), hooks, start.reply()))
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

  private Prepared prepare(WorkerSpec spec, JavaRuntime java, Mode mode, WorkerListener listener) {
    WorkerFiles workerFiles =
        new WorkerFiles(folder, Ids.random("w"), processes, jsonPayload, files);
    Worker worker =
        workers.add(listener, new Worker.Life(true, workerFiles::remains, workers::endSoon));
    List<String> argv = new ArrayList<>();
    argv.add(java.programs() + "/bin/java");
    argv.addAll(java.jvmFlags());
    argv.add("@" + workerFiles.arguments());
    Map<String, String> environment = workers.environment(spec, mode, worker.token());
    environment.put("FORKYARD_WORKER_JOURNAL", workerFiles.journal().toString());
    return new Prepared(worker, workerFiles, Workers.command(spec, argv, environment));
  }

  /** What follows the user's flags, in the syntax of java's argument files. */
  private static String javaArguments(WorkerSpec spec, List<String> more) {
    JavaRuntime java = (JavaRuntime) spec.runtime();
    StringBuilder lines = new StringBuilder();
    if (!JvmFlags.of(spec).chooseCollector()) {
      lines.append("-XX:+UseSerialGC\n");
    }
    more.forEach(flag -> lines.append(quoted(flag)).append('\n'));
    String classPath = String.join(":", java.classPath());
    return lines + "-cp\n" + quoted(classPath) + "\n" + MAIN_CLASS + "\n";
  }

  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Uses an archive if there is one; otherwise there will be. Blocks on the disk. */
  private List<String> archiveFlags(@Nullable LaunchKey key) {
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
    JavaRuntime java = new JavaRuntime(key.java().home(), key.java().classPath(), wanted.flags());
    WorkerSpec spec = new WorkerSpec(java, ahead.training().toString(), Map.of(), true);
    Prepared prepared = prepare(spec, java, Mode.POOL, new Warmth(jsonPayload));
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
    workers.forget(prepared.worker());
    files.execute(prepared.files()::delete);
  }

  private ProcessHooks hooks(
      Prepared prepared, CompletableFuture<@Nullable FunctionOutcome> outcome) {
    return new ForgettingHooks(
        prepared.worker().hooks(outcome),
        () -> workers.forget(prepared.worker()),
        () -> files.execute(prepared.files()::delete));
  }
}
