package dev.forkyard.server.worker;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.process.Command;
import dev.forkyard.server.process.CommandOptions;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.FunctionOutcome;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessHooks;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StartRequest;
import dev.forkyard.server.session.Owner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Starts workers and introduces their connections to them. Thread-safe; no method waits. */
public final class Workers {
  private static final String MAIN_CLASS = "dev.forkyard.worker.WorkerMain";

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
  private final ConcurrentHashMap<String, Worker> byToken = new ConcurrentHashMap<>();

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
      Executor files) {
    this.processes = processes;
    this.folder = folder;
    this.socket = socket;
    this.jsonPayload = jsonPayload;
    this.files = files;
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
    String token = Ids.secret();
    WorkerFiles workerFiles =
        new WorkerFiles(folder, Ids.random("w"), processes, jsonPayload, files);
    Worker worker = new Worker(token, listener, workerFiles);
    byToken.put(token, worker);
    StartRequest start =
        new StartRequest(
            request.processId(),
            command(request, token, workerFiles),
            request.function(),
            request.owner(),
            request.parent(),
            request.options());
    ProcessHooks hooks = forgetting(worker, workerFiles, worker.hooks(outcome));
    workerFiles
        .create(javaArguments(request.spec()))
        .thenRun(() -> processes.start(start, hooks, reply))
        .exceptionally(
            failure -> {
              hooks.notStarted();
              reply.refuse(faultOf(failure));
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

  private Command command(Request request, String token, WorkerFiles workerFiles) {
    WorkerSpec spec = request.spec();
    List<String> argv = new ArrayList<>();
    argv.add(spec.home() + "/bin/java");
    argv.addAll(spec.jvmFlags());
    argv.add("@" + workerFiles.arguments());
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put("FORKYARD_WORKER_SOCKET", socket);
    environment.put("FORKYARD_WORKER_TOKEN", token);
    environment.put("FORKYARD_WORKER_JOURNAL", workerFiles.journal().toString());
    if (request.mode() == Mode.PROCESS) {
      environment.put("FORKYARD_WORKER_MODE", "process");
    }
    return new Command(
        argv, spec.cwd(), environment, spec.clearEnvironment(), CommandOptions.DEFAULT);
  }

  /** What follows the user's flags, in the syntax of java's argument files. */
  private static String javaArguments(WorkerSpec spec) {
    String classPath =
        String.join(":", spec.classPath()).replace("\\", "\\\\").replace("\"", "\\\"");
    return "-XX:+UseSerialGC\n-cp\n\"" + classPath + "\"\n" + MAIN_CLASS + "\n";
  }

  private ProcessHooks forgetting(Worker worker, WorkerFiles workerFiles, ProcessHooks hooks) {
    return new ForgettingHooks(
        hooks, () -> byToken.remove(worker.token()), () -> files.execute(workerFiles::delete));
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
