package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.NothingLeft;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TaskClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.Assign;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.Hello;
import dev.forkyard.v1.WorkerFrame;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Workers that use ConnectWorker. The test speaks in their place. */
class ConnectWorkerTest {
  private static TestDaemon daemon;
  private static TaskClient tasks;

  @RegisterExtension static final NothingLeft NOTHING_LEFT = new NothingLeft(() -> daemon);

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    tasks = new TaskClient(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @AfterEach
  void terminate() {
    tasks.terminate("p");
  }

  /** One ConnectWorker call. */
  private static final class Stream implements ClientResponseObserver<WorkerFrame, DaemonFrame> {
    private final BlockingQueue<DaemonFrame> frames = new LinkedBlockingQueue<>();
    private @Nullable ClientCallStreamObserver<WorkerFrame> call;
    private volatile @Nullable Throwable refusal;
    private volatile boolean over;

    static Stream open() {
      Stream stream = new Stream();
      WorkerServiceGrpc.newStub(daemon.channel()).connectWorker(stream);
      return stream;
    }

    static Stream hello(String token) {
      Stream stream = open();
      stream.send(WorkerFrame.newBuilder().setHello(helloOf(token, 1)));
      return stream;
    }

    static Hello helloOf(String token, int version) {
      return Hello.newBuilder().setToken(token).setProtocolVersion(version).build();
    }

    void send(WorkerFrame.Builder frame) {
      Objects.requireNonNull(call).onNext(frame.build());
    }

    void results(int number, int first, int count, String json) {
      send(
          WorkerFrame.newBuilder()
              .setResults(
                  ChunkResults.newBuilder()
                      .setNumber(number)
                      .setFirst(first)
                      .setCount(count)
                      .setResults(TaskClient.json(json))));
    }

    void failure(int number, int index, FailureKind kind) {
      send(
          WorkerFrame.newBuilder()
              .setFailure(
                  CallFailure.newBuilder()
                      .setNumber(number)
                      .setIndex(index)
                      .setFailure(Failure.newBuilder().setKind(kind).setMessage("no"))));
    }

    Assign assigned() throws InterruptedException {
      DaemonFrame frame = frames.poll(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return Objects.requireNonNull(frame).getAssign();
    }

    void leave() {
      Objects.requireNonNull(call).onCompleted();
    }

    String awaitRefusal() {
      await().atMost(TestDaemon.PATIENCE).until(() -> over);
      StatusRuntimeException refused = (StatusRuntimeException) refusal;
      return Refusals.reason(Objects.requireNonNull(refused));
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WorkerFrame> itsCall) {
      call = itsCall;
    }

    @Override
    public void onNext(DaemonFrame frame) {
      frames.add(frame);
    }

    @Override
    public void onError(Throwable broken) {
      refusal = broken;
      over = true;
    }

    @Override
    public void onCompleted() {
      refusal = Status.OK.asRuntimeException();
      over = true;
    }
  }

  private static WorkerInfo worker() {
    tasks.create("p", 1, "sleep", "1000");
    return tasks.awaitWorker("p", List.of());
  }

  private static String token(WorkerInfo worker) {
    return TaskClient.token(worker.getPid());
  }

  @Test
  void callsGoToAWorkerThatConnectsAndItsAnswersComeBack() throws Exception {
    Stream stream = Stream.hello(token(worker()));
    TaskClient.Run run = tasks.run("p");
    run.chunk(4, "double", "[1]", "[2]", "[3]");
    run.noMore();
    Assign assign = stream.assigned();
    assertThat(assign.getFunction().getName()).isEqualTo("double");
    assertThat(assign.getCount()).isEqualTo(3);
    assertThat(assign.getArguments().getJson()).isEqualTo("[[1],[2],[3]]");
    stream.results(assign.getNumber(), 0, 2, "[2, 4]");
    stream.failure(assign.getNumber(), 2, FailureKind.FAILURE_KIND_ENCODE_ERROR);
    assertThat(run.awaitEnd()).containsExactly("4.0 [2,4]", "4.2 ENCODE_ERROR");
  }

  @Test
  void workerHasOneChunkAtATimeHoweverShortItsCallsAre() throws Exception {
    Stream stream = Stream.hello(token(worker()));
    TaskClient.Run run = tasks.run("p");
    for (int number = 0; number < 50; number++) {
      run.chunk(number, "f", "[]");
    }
    run.noMore();
    for (int number = 0; number < 50; number++) {
      Assign assign = stream.assigned();
      assertThat(stream.frames).isEmpty();
      stream.results(assign.getNumber(), 0, 1, "[0]");
    }
    assertThat(run.awaitEnd()).hasSize(50);
  }

  @Test
  void firstFrameMustBeAHelloWithATokenAndTheVersion() {
    String token = token(worker());
    Stream silent = Stream.open();
    silent.results(1, 0, 1, "[1]");
    assertThat(silent.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
    assertThat(Stream.hello("no-token").awaitRefusal()).isEqualTo("WORKER_NOT_KNOWN");
    Stream old = Stream.open();
    old.send(WorkerFrame.newBuilder().setHello(Stream.helloOf(token, 2)));
    assertThat(old.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
    Stream good = Stream.hello(token);
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> tasks.get("p").getWorkers(0).getState().name().endsWith("IDLE"));
    assertThat(Stream.hello(token).awaitRefusal()).isEqualTo("WORKER_NOT_KNOWN");
    good.send(WorkerFrame.newBuilder().setHello(Stream.helloOf(token, 1)));
    assertThat(good.awaitRefusal()).isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void deathCostsTheFirstUnansweredCallAndNoOther() throws Exception {
    WorkerInfo first = worker();
    Stream stream = Stream.hello(token(first));
    TaskClient.Run run = tasks.run("p");
    run.chunk(1, "f", "[0]", "[1]", "[2]");
    run.noMore();
    stream.results(stream.assigned().getNumber(), 0, 1, "[0]");
    run.awaitOutcomes(1);
    // somebody holds the connection beyond the life of the process
    TaskClient.kill(first.getPid());
    assertThat(run.said()).containsExactly("1.0 [0]");
    WorkerInfo second = tasks.awaitWorker("p", List.of(first.getProcessId()));
    Stream next = Stream.hello(token(second));
    Assign rest = next.assigned();
    assertThat(rest.getFirst()).isEqualTo(2);
    next.results(rest.getNumber(), 2, 1, "[2]");
    assertThat(run.awaitEnd()).containsExactly("1.0 [0]", "1.1 WORKER_LOST", "1.2 [2]");
  }

  @Test
  void processThatLivesOnWithoutItsConnectionIsStoppedAndItsCallIsLost() throws Exception {
    WorkerInfo worker = worker();
    Stream stream = Stream.hello(token(worker));
    TaskClient.Run run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.noMore();
    stream.assigned();
    stream.leave();
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
    assertThat(ProcessHandle.of(worker.getPid())).isEmpty();
  }

  /** What a worker must not say while it has one call of assignment 1. */
  record Lie(String said, String reason, Consumer<Stream> telling) {
    @Override
    public String toString() {
      return said;
    }
  }

  static List<Lie> lies() {
    return List.of(
        new Lie("two for one", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[1,2]")),
        new Lie("no list", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "1")),
        new Lie("two lists", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[1],[2]")),
        new Lie("no JSON", "INVALID_ARGUMENT", stream -> stream.results(1, 0, 1, "[oops]")),
        new Lie("none", "CALL_NOT_RUNNING", stream -> stream.results(1, 0, 0, "[]")),
        new Lie("too many", "CALL_NOT_RUNNING", stream -> stream.results(1, 0, 2, "[1,2]")),
        new Lie("other index", "CALL_NOT_RUNNING", stream -> stream.results(1, 1, 1, "[1]")),
        new Lie("other number", "CALL_NOT_RUNNING", stream -> stream.results(9, 0, 1, "[1]")),
        new Lie("nothing", "INVALID_ARGUMENT", stream -> stream.send(WorkerFrame.newBuilder())),
        new Lie(
            "the daemon's kind",
            "INVALID_ARGUMENT",
            stream -> stream.failure(1, 0, FailureKind.FAILURE_KIND_POOL_FAILED)));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void answerThatDoesNotFitEndsTheConnectionAndReachesNobody(Lie lie) throws Exception {
    WorkerInfo worker = worker();
    Stream stream = Stream.hello(token(worker));
    TaskClient.Run run = tasks.run("p");
    run.chunk(1, "f", "[]");
    run.noMore();
    assertThat(stream.assigned().getNumber()).isEqualTo(1);
    lie.telling().accept(stream);
    assertThat(stream.awaitRefusal()).isEqualTo(lie.reason());
    TaskClient.kill(worker.getPid());
    assertThat(run.awaitEnd()).containsExactly("1.0 WORKER_LOST");
  }
}
