package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.PoolClient.chunk;
import static dev.forkyard.server.testing.PoolClient.function;
import static dev.forkyard.server.testing.PoolClient.json;
import static dev.forkyard.server.testing.PoolClient.pool;
import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.PoolClient.Calls;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Initializer;
import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.ListPoolsRequest;
import dev.forkyard.v1.ListPoolsResponse;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolState;
import dev.forkyard.v1.ResizePoolRequest;
import dev.forkyard.v1.WaitPoolRequest;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchPoolResponse;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerSpec;
import dev.forkyard.v1.WorkerState;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The life of pools, with real workers. */
class PoolTest {
  private static final Duration TENTH = Duration.newBuilder().setNanos(100_000_000).build();
  private static final WorkerSpec WORKER = pool("", 1).getWorker();
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

  private static List<String> results(String pool, dev.forkyard.v1.TaskChunk... chunks) {
    Calls calls = pools.run(pool);
    calls.send(chunks);
    calls.halfClose();
    calls.status();
    return calls.outcomes(chunks.length).stream()
        .map(outcome -> outcome.getResults().getResults().getJson())
        .toList();
  }

  private static Initializer initializer(String name, String arguments) {
    return Initializer.newBuilder()
        .setFunction(function(name))
        .setArguments(json(arguments))
        .build();
  }

  @Test
  void everyWorkerBeginsWithTheInitializer() {
    pools.create(pool("prepared", 2).setInitializer(initializer("prepare", "[\"a model\"]")));
    assertThat(results("prepared", chunk(1, "prepared", "[]"), chunk(2, "prepared", "[]")))
        .containsOnly("[\"a model\"]");
    assertThat(pools.get("prepared").getCallsDone()).isEqualTo(2);
    pools.terminate("prepared");
  }

  @Test
  void initializerThatThrowsFailsThePoolWithItsError() {
    Failure why =
        failureOf(pool("throws", 2).setInitializer(initializer("cannotPrepare", "[\"no model\"]")));
    assertThat(why.getType()).isEqualTo("java.lang.IllegalStateException");
    assertThat(why.getMessage()).contains("initializer", "no model");
    assertThat(why.getStackText()).contains("PoolTasks.cannotPrepare");
  }

  @Test
  void initializerThatExitsFailsThePoolWithItsLastWords() {
    Failure why =
        failureOf(pool("exits", 1).setInitializer(initializer("haltWhilePreparing", "[7]")));
    assertThat(why.getMessage()).contains("exit code 7");
    assertThat(why.getStderrTail()).contains("no model");
  }

  @Test
  void workersWhoseClassPathIsNotThereFailThePoolInWords() {
    JavaRuntime java = JavaRuntime.newBuilder().addClassPath("/no/such.jar").build();
    Failure why = failureOf(pool("missing", 1).setWorker(WorkerSpec.newBuilder().setJava(java)));
    assertThat(why.getMessage())
        .contains("cannot be started. The class path entry /no/such.jar is not on");
  }

  /** Creates a pool that is to fail; answers what its calls fail with. */
  private static Failure failureOf(CreatePoolRequest.Builder request) {
    PoolInfo created = pools.create(request);
    String id = created.getPoolId();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> pools.get(id).getState() == PoolState.POOL_STATE_FAILED);
    Calls calls = pools.run(id);
    calls.send(chunk(1, "square", "[1]"));
    calls.halfClose();
    Failure why = calls.outcomes(1).get(0).getFailure().getFailure();
    assertThat(why.getKind()).isEqualTo(FailureKind.FAILURE_KIND_POOL_FAILED);
    assertThat(pools.ended(id).getPool().getFailure().getMessage()).isEqualTo(why.getMessage());
    pools.delete(id);
    return why;
  }

  @Test
  void workersAreReplacedAfterTheirCallsWithoutLosingAny() {
    pools.create(pool("fresh", 1).setMaxCallsPerWorker(2));
    Set<String> pids = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      pids.addAll(results("fresh", chunk(i, "pid", "[]")));
    }
    assertThat(pids).hasSize(3);
    assertThat(pools.get("fresh").getWorkersLost()).isZero();
    pools.terminate("fresh");
  }

  @Test
  void closedPoolEndsWhenItsCallsAreDone() {
    pools.create(pool("closes", 1));
    assertRefused(Code.FAILED_PRECONDITION, "JOIN_BEFORE_CLOSE", () -> pools.ended("closes"));
    assertRefused(Code.FAILED_PRECONDITION, "POOL_RUNNING", () -> pools.delete("closes"));
    assertThat(results("closes", chunk(1, "square", "[3]"))).containsExactly("[9]");
    pools.close("closes");
    PoolInfo ended = pools.ended("closes").getPool();
    assertThat(ended.getState()).isEqualTo(PoolState.POOL_STATE_CLOSED);
    assertThat(ended.getWorkersList()).isEmpty();
    assertThat(pools.get("closes").getState()).isEqualTo(PoolState.POOL_STATE_CLOSED);
    assertThat(pools.delete("closes").getCallsDone()).isEqualTo(1);
    assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> pools.get("closes"));
  }

  @Test
  void terminatedPoolIsKeptUntilItIsDeleted() {
    pools.create(pool("ended", 1));
    assertThat(pools.terminate("ended").getState()).isEqualTo(PoolState.POOL_STATE_TERMINATED);
    assertThat(pools.terminate("ended").getState()).isEqualTo(PoolState.POOL_STATE_TERMINATED);
    assertThat(pools.ended("ended").getPool().getWorkersList()).isEmpty();
    assertRefused(
        Code.FAILED_PRECONDITION,
        "POOL_CLOSED",
        () ->
            pools
                .stub()
                .resizePool(
                    ResizePoolRequest.newBuilder().setPoolId("ended").setWorkers(2).build()));
    pools.delete("ended");
    pools.create(pool("ended", 1));
    pools.terminate("ended");
    pools.delete("ended");
  }

  @Test
  void waitThatIsOutOfTimeIsAnAnswer() {
    pools.create(pool("waits", 1));
    Calls calls = pools.run("waits");
    calls.send(chunk(1, "waitFor", "[\"/no-such-file\"]"));
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("waits").getCallsAssigned() == 1);
    pools.close("waits");
    WaitPoolRequest aMoment =
        WaitPoolRequest.newBuilder().setPoolId("waits").setTimeout(TENTH).build();
    assertThat(pools.stub().waitPool(aMoment).getTimedOut()).isTrue();
    pools.terminate("waits");
    assertThat(pools.ended("waits").getTimedOut()).isFalse();
  }

  @Test
  void poolsAreListedInOrderByLabelsAndPages() {
    for (int i = 0; i < 3; i++) {
      pools.create(pool("listed-" + i, 1).putLabels("team", "kel").putLabels("n", "" + i));
    }
    ListPoolsRequest.Builder ours = ListPoolsRequest.newBuilder().putLabels("team", "kel");
    List<String> ids = new ArrayList<>();
    String token = "";
    do {
      ListPoolsResponse page =
          pools.stub().listPools(ours.setPageSize(2).setPageToken(token).build());
      page.getPoolsList().forEach(pool -> ids.add(pool.getPoolId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(ids).containsExactly("listed-0", "listed-1", "listed-2");
    ours.clear().putLabels("team", "kel").putLabels("n", "1");
    assertThat(pools.stub().listPools(ours.build()).getPoolsList())
        .extracting(PoolInfo::getPoolId)
        .containsExactly("listed-1");
    ids.forEach(pools::terminate);
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () -> pools.create(pool("label", 1).putLabels("Not a key", "")));
  }

  @Test
  void sameCreationTwiceUnderOneRequestIdIsOnePool() {
    CreatePoolRequest.Builder request = pool("", 1).setRequestId("create-once");
    String id = pools.create(request).getPoolId();
    assertThat(pools.create(request).getPoolId()).isEqualTo(id);
    assertRefused(
        Code.FAILED_PRECONDITION,
        "REQUEST_ID_REUSED",
        () -> pools.create(request.clone().setWorkers(2)));
    pools.terminate(id);
    assertThat(pools.create(request).getState()).isEqualTo(PoolState.POOL_STATE_TERMINATED);
  }

  @Test
  void poolIsResizedWhileItWorks() {
    pools.create(pool("sized", 1));
    resize("sized", 3);
    awaitIdle("sized", 3);
    assertThat(resize("sized", 1).getSize()).isEqualTo(1);
    awaitIdle("sized", 1);
    assertThat(results("sized", chunk(1, "square", "[2]"))).containsExactly("[4]");
    assertThat(pools.get("sized").getWorkersLost()).isZero();
    assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> resize("sized", 0));
    assertRefused(Code.RESOURCE_EXHAUSTED, "TOO_MANY_WORKERS", () -> resize("sized", 5_000));
    assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> resize("none", 1));
    pools.terminate("sized");
  }

  private static PoolInfo resize(String id, int workers) {
    ResizePoolRequest request =
        ResizePoolRequest.newBuilder().setPoolId(id).setWorkers(workers).build();
    return pools.stub().resizePool(request).getPool();
  }

  private static void awaitIdle(String id, int workers) {
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> {
              List<WorkerInfo> all = pools.get(id).getWorkersList();
              return all.size() == workers
                  && all.stream().allMatch(w -> w.getState() == WorkerState.WORKER_STATE_IDLE);
            });
  }

  @Test
  void poolTellsWhatItsWorkersUse() {
    pools.create(pool("figures", 1));
    results("figures", chunk(1, "square", "[2]", "[3]"));
    PoolInfo pool = pools.get("figures");
    assertThat(pool.getWorkers(0).getRssBytes()).isGreaterThan(1 << 20);
    assertThat(Durations.isPositive(pool.getWorkers(0).getBusyTime())).isTrue();
    assertThat(pool.getWorkers(0).getCallsDone()).isEqualTo(2);
    pools.terminate("figures");
  }

  @Test
  void watchTellsOfEveryStateAndEndsWithThePool() {
    pools.create(pool("watched", 1));
    Iterator<WatchPoolResponse> watch =
        pools
            .stub()
            .watchPool(
                WatchPoolRequest.newBuilder().setPoolId("watched").setInterval(TENTH).build());
    assertThat(watch.next().getPool().getState()).isEqualTo(PoolState.POOL_STATE_OPEN);
    results("watched", chunk(1, "square", "[2]"));
    PoolInfo seen = watch.next().getPool();
    double rates = 0;
    while (seen.getCallsDone() == 0) {
      seen = watch.next().getPool();
      rates += seen.getCallsPerSecond();
    }
    assertThat(rates).isPositive();
    pools.close("watched");
    while (watch.hasNext()) {
      seen = watch.next().getPool();
    }
    assertThat(seen.getState()).isEqualTo(PoolState.POOL_STATE_CLOSED);
    assertThat(seen.getWorkersList()).isEmpty();
  }

  @Test
  void watchThatCannotBeIsRefused() {
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () -> pools.stub().watchPool(WatchPoolRequest.getDefaultInstance()).next());
    pools.create(pool("hasty", 1));
    Duration nothing = Duration.getDefaultInstance();
    assertRefused(
        Code.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        () ->
            pools
                .stub()
                .watchPool(
                    WatchPoolRequest.newBuilder().setPoolId("hasty").setInterval(nothing).build())
                .next());
    pools.terminate("hasty");
  }

  @Test
  void poolThatMakesNoSenseIsRefused() {
    for (CreatePoolRequest.Builder bad :
        List.of(
            pool("bad", -1),
            pool("bad", 1).setRetryLost(101),
            pool("bad", 1).setMaxCallsPerWorker(-1),
            pool("bad", 1).setMaxQueuedCalls(-1),
            pool("bad", 1).setCallTimeout(Duration.getDefaultInstance()),
            pool("bad", 1).setCancelGrace(Duration.newBuilder().setSeconds(-1)),
            pool("bad", 1).setWorker(WorkerSpec.newBuilder(WORKER).setCwd("relative")),
            pool("bad", 1).setInitializer(Initializer.getDefaultInstance()),
            pool("bad", 1).setInitializer(initializer("prepare", "1")))) {
      assertRefused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> pools.create(bad));
    }
    assertRefused(
        Code.RESOURCE_EXHAUSTED, "TOO_MANY_WORKERS", () -> pools.create(pool("bad", 5_000)));
    Initializer.Builder missing = initializer("prepare", "[null]").toBuilder();
    missing.getArgumentsBuilder().addHandlesBuilder().setQueueId("no-such-queue");
    assertRefused(
        Code.NOT_FOUND,
        "QUEUE_NOT_FOUND",
        () -> pools.create(pool("bad", 1).setInitializer(missing)));
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () -> pools.create(pool("bad", 1).setOwnerSessionId("none")));
    assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> pools.get("bad"));
  }

  @Test
  void poolEndsAndIsForgottenWithItsOwner() {
    SessionClient owner = SessionClient.open(daemon.channel());
    pools.create(pool("owned", 1).setOwnerSessionId(owner.sessionId()));
    Calls calls = pools.run("owned");
    calls.send(chunk(1, "waitFor", "[\"/no-such-file\"]"));
    await().atMost(TestDaemon.PATIENCE).until(() -> pools.get("owned").getCallsAssigned() == 1);
    owner.close();
    assertThat(calls.outcomes(1).get(0).getFailure().getFailure().getKind())
        .isEqualTo(FailureKind.FAILURE_KIND_CANCELLED);
    assertRefused(Code.NOT_FOUND, "POOL_NOT_FOUND", () -> pools.get("owned"));
  }
}
