package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.Handle;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.ListQueuesRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.PipeEndHandle;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.WaitProcessRequest;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Requests that are well-formed and wrong: each refusal has its code, its reason and a sentence.
 */
class RefusalsTest {
  private static TestDaemon daemon;
  private static ProcessServiceGrpc.ProcessServiceBlockingStub processes;
  private static PoolServiceGrpc.PoolServiceBlockingStub pools;
  private static QueueServiceGrpc.QueueServiceBlockingStub queues;
  private static PipeServiceGrpc.PipeServiceBlockingStub pipes;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
    pools = PoolServiceGrpc.newBlockingStub(daemon.channel());
    queues = QueueServiceGrpc.newBlockingStub(daemon.channel());
    pipes = PipeServiceGrpc.newBlockingStub(daemon.channel());
    queues.createQueue(CreateQueueRequest.newBuilder().setQueueId("jobs").build());
    pipes.createPipe(CreatePipeRequest.newBuilder().setPipeId("pipe").build());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  private static void assertInvalid(String field, ThrowingCallable call) {
    Throwable refused = catchThrowable(call);
    assertThat(refused).as(field).isNotNull();
    assertThat(Refusals.reason(refused)).isEqualTo("INVALID_ARGUMENT");
    Status status = Objects.requireNonNull(StatusProto.fromThrowable(refused));
    assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT.value());
    assertThat(status.getDetailsList().stream().filter(any -> any.is(BadRequest.class)))
        .extracting(RefusalsTest::field)
        .containsExactly(field);
  }

  private static String field(Any detail) throws Exception {
    return detail.unpack(BadRequest.class).getFieldViolations(0).getField();
  }

  private static TakeItemsRequest.Builder take() {
    return TakeItemsRequest.newBuilder()
        .setQueueId("jobs")
        .setTimeout(Duration.getDefaultInstance());
  }

  private static PutItemsRequest.Builder put(Payload... items) {
    return PutItemsRequest.newBuilder()
        .setQueueId("jobs")
        .addAllItems(List.of(items))
        .setTimeout(Duration.getDefaultInstance());
  }

  private static Payload json(String json) {
    return Payload.newBuilder().setJson(json).build();
  }

  private static Duration seconds(long seconds, int nanos) {
    return Duration.newBuilder().setSeconds(seconds).setNanos(nanos).build();
  }

  @Test
  void negativeTimesAreRefusedWithTheirField() {
    for (Duration negative : List.of(seconds(-1, 0), seconds(0, -1), seconds(Long.MIN_VALUE, 0))) {
      assertInvalid("timeout", () -> queues.takeItems(take().setTimeout(negative).build()));
      assertInvalid("lease", () -> queues.takeItems(take().setLease(negative).build()));
      assertInvalid("timeout", () -> queues.putItems(put(json("1")).setTimeout(negative).build()));
      assertInvalid(
          "timeout",
          () ->
              processes.waitProcess(WaitProcessRequest.newBuilder().setTimeout(negative).build()));
      assertInvalid(
          "grace",
          () -> processes.stopProcess(StopProcessRequest.newBuilder().setGrace(negative).build()));
      assertInvalid(
          "timeout",
          () ->
              pipes.receiveMessages(
                  ReceiveMessagesRequest.newBuilder()
                      .setPipeId("pipe")
                      .setSide(PipeSide.PIPE_SIDE_LEFT)
                      .setTimeout(negative)
                      .build()));
    }
  }

  @Test
  void timesBeyondMeasureAreRefusedOrWaitedFor() {
    for (Duration endless :
        List.of(seconds(Long.MAX_VALUE, Integer.MAX_VALUE), seconds(0, 1_000_000_000))) {
      assertInvalid("timeout", () -> queues.takeItems(take().setTimeout(endless).build()));
      assertInvalid("lease", () -> queues.takeItems(take().setLease(endless).build()));
      assertInvalid(
          "grace",
          () -> processes.stopProcess(StopProcessRequest.newBuilder().setGrace(endless).build()));
    }
    assertInvalid("lease", () -> queues.takeItems(take().setLease(seconds(3601, 0)).build()));
    assertInvalid(
        "lease", () -> queues.takeItems(take().setLease(Duration.getDefaultInstance()).build()));
    Duration tenThousandYears = seconds(315_576_000_000L, 0);
    SessionClient client = SessionClient.open(daemon.channel());
    SessionCall call =
        client.send(calls -> calls.setTakeItems(take().setTimeout(tenThousandYears)));
    queues.putItems(put(json("1")).build());
    assertThat(client.answer(call).getTakeItems().getItemsCount()).isEqualTo(1);
    client.close();
    queues.takeItems(take().setMaxItems(100).setAutoAck(true).build());
    String id = sleeper();
    assertThat(
            processes
                .stopProcess(
                    StopProcessRequest.newBuilder()
                        .setProcessId(id)
                        .setGrace(tenThousandYears)
                        .build())
                .getProcess()
                .getExit()
                .getSignal())
        .isEqualTo("TERM");
    processes.deleteProcess(DeleteProcessRequest.newBuilder().setProcessId(id).build());
  }

  private static String sleeper() {
    return processes
        .startProcess(
            StartProcessRequest.newBuilder()
                .setCommand(CommandSpec.newBuilder().addArgv("sleep").addArgv("600"))
                .build())
        .getProcess()
        .getProcessId();
  }

  @Test
  void countsOutOfRangeAreRefusedWithTheirField() {
    for (int count : new int[] {-1, 10_001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertInvalid("max_items", () -> queues.takeItems(take().setMaxItems(count).build()));
    }
    assertInvalid(
        "capacity",
        () -> queues.createQueue(CreateQueueRequest.newBuilder().setCapacity(-1).build()));
    assertInvalid(
        "capacity_bytes",
        () -> queues.createQueue(CreateQueueRequest.newBuilder().setCapacityBytes(-1).build()));
    assertInvalid(
        "capacity_bytes",
        () -> pipes.createPipe(CreatePipeRequest.newBuilder().setCapacityBytes(2L << 30).build()));
    assertInvalid(
        "queue_id",
        () -> queues.createQueue(CreateQueueRequest.newBuilder().setQueueId("No!").build()));
    assertInvalid("items", () -> queues.putItems(put().build()));
    assertInvalid(
        "side",
        () ->
            pipes.sendMessages(
                SendMessagesRequest.newBuilder().setPipeId("pipe").addMessages(json("1")).build()));
  }

  @Test
  void pagesFollowEachOtherAndForeignTokensAreRefused() {
    List<String> ids = IntStream.range(0, 5).mapToObj(i -> "page-" + i).toList();
    ids.forEach(id -> queues.createQueue(CreateQueueRequest.newBuilder().setQueueId(id).build()));
    List<String> listed = new ArrayList<>();
    String token = "";
    do {
      var page =
          queues.listQueues(
              ListQueuesRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      page.getQueuesList().stream().map(QueueInfo::getQueueId).forEach(listed::add);
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).containsSubsequence(ids);
    ids.forEach(id -> queues.deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(id).build()));
    assertInvalid(
        "page_token",
        () -> queues.listQueues(ListQueuesRequest.newBuilder().setPageToken("?").build()));
    assertInvalid(
        "page_size",
        () -> processes.listProcesses(ListProcessesRequest.newBuilder().setPageSize(1001).build()));
  }

  @Test
  void missingThingsAreNotFoundByTheirKind() {
    assertRefused(
        Code.NOT_FOUND,
        "QUEUE_NOT_FOUND",
        () -> queues.getQueue(GetQueueRequest.newBuilder().setQueueId("x".repeat(9999)).build()));
    assertRefused(
        Code.NOT_FOUND,
        "POOL_NOT_FOUND",
        () -> pools.terminatePool(TerminatePoolRequest.newBuilder().setPoolId("no").build()));
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () -> queues.takeItems(take().setSessionId("nobody").build()));
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () -> pipes.createPipe(CreatePipeRequest.newBuilder().setOwnerSessionId("nobody").build()));
  }

  @Test
  void idThatIsLeftOutIsAFieldThatIsMissing() {
    assertInvalid("pool_id", () -> pools.getPool(GetPoolRequest.getDefaultInstance()));
    assertInvalid("queue_id", () -> queues.getQueue(GetQueueRequest.getDefaultInstance()));
    assertInvalid(
        "process_id", () -> processes.waitProcess(WaitProcessRequest.getDefaultInstance()));
  }

  @Test
  void payloadWithoutContentIsRefusedAndNothingIsPut() {
    Throwable empty =
        catchThrowable(() -> queues.putItems(put(json("1"), Payload.getDefaultInstance()).build()));
    assertThat(Refusals.metadata(empty)).containsEntry("field", "items[1]");
    assertRefused(
        Code.INVALID_ARGUMENT,
        "PAYLOAD_EMPTY",
        () -> queues.putItems(put(json("1"), Payload.getDefaultInstance()).build()));
    Payload.Builder lost = Payload.newBuilder().setJson("1");
    assertRefused(
        Code.NOT_FOUND,
        "QUEUE_NOT_FOUND",
        () ->
            queues.putItems(
                put(json("1"), lost.addHandles(Handle.newBuilder().setQueueId("lost")).build())
                    .build()));
    assertInvalid(
        "handles",
        () ->
            queues.putItems(
                put(Payload.newBuilder().setJson("1").addHandles(Handle.newBuilder()).build())
                    .build()));
    PipeEndHandle noSide = PipeEndHandle.newBuilder().setPipeId("pipe").build();
    assertInvalid(
        "side",
        () ->
            queues.putItems(
                put(Payload.newBuilder()
                        .setJson("1")
                        .addHandles(Handle.newBuilder().setPipeEnd(noSide))
                        .build())
                    .build()));
    assertThat(
            queues
                .getQueue(GetQueueRequest.newBuilder().setQueueId("jobs").build())
                .getQueue()
                .getReady())
        .isZero();
  }

  @Test
  void existingQueueIsOpenedWithItsOptionsAndRefusedWithOthers() {
    CreateQueueRequest.Builder same = CreateQueueRequest.newBuilder().setQueueId("jobs");
    assertThat(queues.createQueue(same.build()).getQueue().getCapacity()).isEqualTo(10_000);
    Throwable refused =
        catchThrowable(() -> queues.createQueue(same.clone().setCapacity(7).build()));
    assertThat(Refusals.reason(refused)).isEqualTo("QUEUE_EXISTS");
    assertThat(Objects.requireNonNull(StatusProto.fromThrowable(refused)).toString())
        .contains("10000")
        .contains("7");
    assertRefused(
        Code.ALREADY_EXISTS,
        "PIPE_EXISTS",
        () -> pipes.createPipe(CreatePipeRequest.newBuilder().setPipeId("pipe").build()));
  }

  @Test
  void waitingCallsAreBoundedAndTheDaemonRecovers() {
    int limit = 10_000;
    SessionClient client = SessionClient.open(daemon.channel());
    SessionCall[] waiting = new SessionCall[limit];
    for (int i = 0; i < limit; i++) {
      waiting[i] =
          client.numbered(
              call -> call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId("jobs")));
    }
    client.send(waiting);
    SessionCall oneMore =
        client.send(call -> call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId("jobs")));
    assertThat(Refusals.reason(client.answer(oneMore).getError())).isEqualTo("TOO_MANY_WAITERS");
    assertThat(client.answer(oneMore).getError().toString()).contains("10000");
    assertRefused(
        Code.RESOURCE_EXHAUSTED,
        "TOO_MANY_WAITERS",
        () -> queues.takeItems(take().clearTimeout().build()));
    assertThat(queues.takeItems(take().build()).getTimedOut()).isTrue();
    SessionCall ping = client.send(call -> call.setPing(PingCall.getDefaultInstance()));
    assertThat(client.answer(ping).hasPing()).isTrue();
    client.breakOff();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () ->
                queues
                        .getQueue(GetQueueRequest.newBuilder().setQueueId("jobs").build())
                        .getQueue()
                        .getWaitingTakers()
                    == 0);
  }
}
