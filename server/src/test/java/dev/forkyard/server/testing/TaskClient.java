package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.CommandRuntime;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.PoolServiceGrpc.PoolServiceBlockingStub;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerSpec;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Short words for pools whose workers are commands. */
public final class TaskClient {
  private final Channel channel;

  public TaskClient(Channel channel) {
    this.channel = channel;
  }

  public PoolServiceBlockingStub stub() {
    return PoolServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  public static WorkerSpec command(String... argv) {
    return WorkerSpec.newBuilder()
        .setCommand(CommandRuntime.newBuilder().addAllArgv(List.of(argv)))
        .build();
  }

  /** Creates a pool of commands. */
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

  /** Ends a pool at once, and forgets it. */
  public void terminate(String id) {
    stub().terminatePool(TerminatePoolRequest.newBuilder().setPoolId(id).build());
    stub().deletePool(DeletePoolRequest.newBuilder().setPoolId(id).build());
  }

  /** Waits until a pool has a worker with a process, beside some, and answers it. */
  public WorkerInfo awaitWorker(String id, List<String> besides) {
    return await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () ->
                get(id).getWorkersList().stream()
                    .filter(worker -> worker.getPid() != 0)
                    .filter(worker -> !besides.contains(worker.getProcessId()))
                    .findFirst()
                    .orElse(null),
            worker -> worker != null);
  }

  /** The token that a process was given. */
  public static String token(int pid) {
    return await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> variable(pid, "FORKYARD_WORKER_TOKEN"), token -> token != null);
  }

  private static @Nullable String variable(int pid, String name) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "environ"));
      for (String one : new String(environment, StandardCharsets.UTF_8).split("\0", -1)) {
        if (one.startsWith(name + "=")) {
          return one.substring(name.length() + 1);
        }
      }
      return null;
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  public static void kill(int pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-9", Integer.toString(pid)).start().waitFor();
  }

  public static Payload json(String text) {
    return Payload.newBuilder().setJson(text).build();
  }

  /** Begins a RunTasks call. */
  public Run run(String poolId) {
    return new Run(poolId);
  }

  /** One RunTasks call. */
  public final class Run implements StreamObserver<RunTasksResponse> {
    private final StreamObserver<RunTasksRequest> requests;
    private final List<TaskOutcome> outcomes = new CopyOnWriteArrayList<>();
    private String poolId;
    private volatile boolean completed;

    private Run(String poolId) {
      this.poolId = poolId;
      this.requests = PoolServiceGrpc.newStub(channel).runTasks(this);
    }

    /** Sends calls of one function; each argument list is JSON. */
    public void chunk(int number, String function, String... argumentLists) {
      requests.onNext(
          RunTasksRequest.newBuilder()
              .setPoolId(poolId)
              .addChunks(
                  TaskChunk.newBuilder()
                      .setNumber(number)
                      .setFunction(Function.newBuilder().setName(function))
                      .setCount(argumentLists.length)
                      .setArguments(json("[" + String.join(",", argumentLists) + "]")))
              .build());
      poolId = "";
    }

    public void noMore() {
      requests.onCompleted();
    }

    public List<TaskOutcome> outcomes() {
      return outcomes;
    }

    /** Waits for the end, and answers what the calls came to, in any order. */
    public List<String> awaitEnd() {
      await().atMost(TestDaemon.PATIENCE).until(() -> completed);
      return said();
    }

    /** What the calls came to so far: results as JSON, failures as their kinds. */
    public List<String> said() {
      return outcomes.stream().map(Run::said).toList();
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

    public void awaitOutcomes(int count) {
      await()
          .atMost(TestDaemon.PATIENCE)
          .untilAsserted(() -> assertThat(outcomes).hasSizeGreaterThanOrEqualTo(count));
    }

    @Override
    public void onNext(RunTasksResponse response) {
      outcomes.addAll(response.getOutcomesList());
    }

    @Override
    public void onError(Throwable broken) {
      throw new AssertionError("RunTasks failed", broken);
    }

    @Override
    public void onCompleted() {
      completed = true;
    }
  }
}
