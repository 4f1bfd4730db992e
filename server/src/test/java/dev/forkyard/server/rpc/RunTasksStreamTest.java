package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.PoolClient.json;
import static dev.forkyard.server.testing.PoolClient.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Initializer;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Large RunTasks calls, and many of them: every call is answered, and the daemon is well. */
class RunTasksStreamTest {
  private static TestDaemon daemon;
  private static PoolClient pools;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    pools = new PoolClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  /** A client that sends whenever it may, and counts the outcomes. */
  private static final class Client
      implements ClientResponseObserver<RunTasksRequest, RunTasksResponse> {
    private final String poolId;
    private final int chunks;
    private final int calls;
    private final String argument;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger stacks = new AtomicInteger();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    Client(String poolId, int chunks, int calls, String argument) {
      this.poolId = poolId;
      this.chunks = chunks;
      this.calls = calls;
      this.argument = argument;
      PoolServiceGrpc.newStub(daemon.channel()).runTasks(this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<RunTasksRequest> call) {
      call.setOnReadyHandler(
          () -> {
            while (sent.get() < chunks && call.isReady()) {
              call.onNext(request(sent.get()));
              if (sent.incrementAndGet() == chunks) {
                call.onCompleted();
              }
            }
          });
    }

    private RunTasksRequest request(int number) {
      String list = argument.isEmpty() ? "[]" : "[\"" + argument + "\"]";
      String lists = (list + ",").repeat(calls - 1) + list;
      return RunTasksRequest.newBuilder()
          .setPoolId(poolId)
          .addChunks(
              TaskChunk.newBuilder()
                  .setNumber(number)
                  .setFunction(Function.newBuilder().setName("f"))
                  .setCount(calls)
                  .setArguments(json("[" + lists + "]")))
          .build();
    }

    @Override
    public void onNext(RunTasksResponse response) {
      for (TaskOutcome outcome : response.getOutcomesList()) {
        if (!outcome.getFailure().getFailure().getStackText().isEmpty()) {
          stacks.incrementAndGet();
        }
      }
      answered.addAndGet(response.getOutcomesCount());
    }

    @Override
    public void onError(Throwable broken) {
      end.complete(broken.toString());
    }

    @Override
    public void onCompleted() {
      end.complete("complete");
    }

    String awaitEnd() throws Exception {
      return end.get(TestDaemon.PATIENCE.toSeconds() * 3, TimeUnit.SECONDS);
    }
  }

  private static int waitingCalls() {
    return daemon.counts().getWaitingCalls();
  }

  private static void awaitQueued(String pool, long calls) {
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get(pool).getCallsQueued() == calls);
  }

  @Test
  void millionQueuedCallsOfAPoolThatIsTerminatedAreAnswered() throws Exception {
    pools.create(
        CreatePoolRequest.newBuilder()
            .setPoolId("million")
            .setWorkers(1)
            .setWorker(PoolClient.command("sleep", "600"))
            .setMaxQueuedCalls(1_000_000));
    Client client = new Client("million", 250, 4_000, "");
    awaitQueued("million", 1_000_000);
    pools.terminate("million");
    assertThat(client.awaitEnd()).isEqualTo("complete");
    assertThat(client.answered).hasValue(1_000_000);
  }

  @Test
  void everyCallIsAnsweredWhenTheInitializerThrowsAndItsStackIsToldOnce() throws Exception {
    pools.create(
        pool("initializer", 1)
            .setInitializer(
                Initializer.newBuilder()
                    .setFunction(PoolClient.function("cannotPrepare"))
                    .setArguments(json("[\"not today\"]"))));
    Client client = new Client("initializer", 250, 400, "");
    assertThat(client.awaitEnd()).isEqualTo("complete");
    assertThat(client.answered).hasValue(100_000);
    assertThat(client.stacks).hasValue(1);
  }

  @Test
  void streamIsCountedAsACallThatWaits() throws Exception {
    pools.create("counted", 1, "sleep", "600");
    Client client = new Client("counted", 1, 1, "");
    awaitQueued("counted", 1);
    assertThat(waitingCalls()).isEqualTo(1);
    pools.terminate("counted");
    assertThat(client.awaitEnd()).isEqualTo("complete");
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() == 0);
  }
}
