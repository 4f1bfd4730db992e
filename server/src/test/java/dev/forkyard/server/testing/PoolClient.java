package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkCancel;
import dev.forkyard.v1.ClosePoolRequest;
import dev.forkyard.v1.CommandRuntime;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.PoolServiceGrpc.PoolServiceBlockingStub;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.WaitPoolRequest;
import dev.forkyard.v1.WaitPoolResponse;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerSpec;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Short words for the calls of PoolService. */
public final class PoolClient {
  private final Channel channel;

  public PoolClient(Channel channel) {
    this.channel = channel;
  }

  public PoolServiceBlockingStub stub() {
    return PoolServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** A request for a pool whose workers know {@link PoolTasks}. */
  public static CreatePoolRequest.Builder pool(String id, int workers) {
    String classPath = Objects.requireNonNull(System.getProperty("java.class.path"));
    JavaRuntime java =
        JavaRuntime.newBuilder()
            .addAllClassPath(
                Stream.of(classPath.split(File.pathSeparator))
                    .filter(entry -> entry.startsWith("/") && !entry.contains("slf4j"))
                    .toList())
            .build();
    return CreatePoolRequest.newBuilder()
        .setPoolId(id)
        .setWorkers(workers)
        .setWorker(WorkerSpec.newBuilder().setJava(java));
  }

  /** A worker that is a command. */
  public static WorkerSpec command(String... argv) {
    return WorkerSpec.newBuilder()
        .setCommand(CommandRuntime.newBuilder().addAllArgv(List.of(argv)))
        .build();
  }

  /** A function of {@link PoolTasks}. */
  public static Function function(String name) {
    return Function.newBuilder().setName(PoolTasks.class.getName() + "::" + name).build();
  }

  public static Payload json(String text) {
    return Payload.newBuilder().setJson(text).build();
  }

  /** A chunk with an array of arguments for each call. */
  public static TaskChunk chunk(int number, String function, String... arguments) {
    return TaskChunk.newBuilder()
        .setNumber(number)
        .setFunction(function(function))
        .setCount(arguments.length)
        .setArguments(json(List.of(arguments).toString()))
        .build();
  }

  /** Creates a pool whose workers are commands. */
  public PoolInfo create(String id, int workers, String... argv) {
    return create(
        CreatePoolRequest.newBuilder().setPoolId(id).setWorkers(workers).setWorker(command(argv)));
  }

  public PoolInfo create(CreatePoolRequest.Builder request) {
    return stub().createPool(request.build()).getPool();
  }

  public PoolInfo get(String id) {
    return stub().getPool(GetPoolRequest.newBuilder().setPoolId(id).build()).getPool();
  }

  public PoolInfo close(String id) {
    return stub().closePool(ClosePoolRequest.newBuilder().setPoolId(id).build()).getPool();
  }

  public PoolInfo terminate(String id) {
    return stub().terminatePool(TerminatePoolRequest.newBuilder().setPoolId(id).build()).getPool();
  }

  public PoolInfo delete(String id) {
    return stub().deletePool(DeletePoolRequest.newBuilder().setPoolId(id).build()).getPool();
  }

  /** Ends a pool at once, and forgets it. */
  public void end(String id) {
    terminate(id);
    delete(id);
  }

  /** Waits until a pool has a worker with a process, beside some, and answers it. */
  public WorkerInfo awaitWorker(String id, String... besides) {
    return await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () ->
                get(id).getWorkersList().stream()
                    .filter(worker -> worker.getPid() != 0)
                    .filter(worker -> !List.of(besides).contains(worker.getProcessId()))
                    .findFirst()
                    .orElse(null),
            worker -> worker != null);
  }

  public WaitPoolResponse ended(String id) {
    return stub().waitPool(WaitPoolRequest.newBuilder().setPoolId(id).build());
  }

  private static String said(TaskOutcome outcome) {
    if (outcome.hasResults()) {
      var results = outcome.getResults();
      return results.getNumber()
          + "."
          + results.getFirst()
          + " "
          + results.getResults().getJson().replace(" ", "");
    }
    CallFailure failure = outcome.getFailure();
    String kind = failure.getFailure().getKind().name().substring("FAILURE_KIND_".length());
    return failure.getNumber() + "." + failure.getIndex() + " " + kind;
  }

  /** Begins a RunTasks. */
  public Calls run(String id) {
    return run(id, "");
  }

  /** Runs calls for a session, which is given what handles in results refer to. */
  public Calls run(String id, String session) {
    return new Calls(id, session);
  }

  /** A RunTasks call by hand. */
  public final class Calls {
    private final List<TaskOutcome> outcomes = new CopyOnWriteArrayList<>();
    private final StreamEnd<RunTasksResponse> end =
        new StreamEnd<>(response -> outcomes.addAll(response.getOutcomesList()));
    private final StreamObserver<RunTasksRequest> requests;
    private final String poolId;
    private final String sessionId;

    private Calls(String poolId, String sessionId) {
      this.poolId = poolId;
      this.sessionId = sessionId;
      this.requests = PoolServiceGrpc.newStub(channel).runTasks(end);
    }

    private RunTasksRequest.Builder request() {
      return RunTasksRequest.newBuilder().setPoolId(poolId).setSessionId(sessionId);
    }

    public void send(TaskChunk... chunks) {
      requests.onNext(request().addAllChunks(List.of(chunks)).build());
    }

    /** Sends calls of a function of any worker; each argument list is JSON. */
    public void chunk(int number, String function, String... argumentLists) {
      send(
          TaskChunk.newBuilder()
              .setNumber(number)
              .setFunction(Function.newBuilder().setName(function))
              .setCount(argumentLists.length)
              .setArguments(json("[" + String.join(",", argumentLists) + "]"))
              .build());
    }

    public void cancel(int chunk, boolean running) {
      ChunkCancel cancel = ChunkCancel.newBuilder().setNumber(chunk).setRunning(running).build();
      requests.onNext(request().addCancels(cancel).build());
    }

    public void halfClose() {
      requests.onCompleted();
    }

    /** The client goes away. */
    public void breakOff() {
      requests.onError(Status.CANCELLED.asException());
    }

    /** So many outcomes, waited for. */
    public List<TaskOutcome> outcomes(int count) {
      await().atMost(TestDaemon.PATIENCE).until(() -> outcomes.size() >= count || end.isDone());
      return outcomes;
    }

    /** What the calls came to so far: results as JSON, failures as their kinds. */
    public List<String> said() {
      return outcomes.stream().map(PoolClient::said).toList();
    }

    /** Waits for the end, and answers what the calls came to, in any order. */
    public List<String> awaitEnd() {
      assertThat(status()).isEqualTo(Status.OK);
      return said();
    }

    /** How the call ended, waited for. */
    public Status status() {
      return end.status();
    }

    /** Why the call was refused, waited for. */
    public Throwable failure() {
      return end.failure();
    }
  }
}
