package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.TakeItemsRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The session stream itself: opening, order, refusals, cancels. */
class SessionStreamTest {
  private static TestDaemon daemon;
  private static QueueServiceBlockingStub queues;
  private String queue = "";

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    queues = QueueServiceGrpc.newBlockingStub(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  @BeforeEach
  void createQueue() {
    queue =
        queues
            .createQueue(CreateQueueRequest.newBuilder().setCapacity(1).build())
            .getQueue()
            .getQueueId();
  }

  @AfterEach
  void nothingWaitsAnyMore() {
    queues.deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(queue).build());
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() == 0);
  }

  private static int waitingCalls() {
    return daemon.counts().getWaitingCalls();
  }

  private static int sessions() {
    return daemon.counts().getSessions();
  }

  private static void ping(SessionCall.Builder call) {
    call.setPing(PingCall.getDefaultInstance());
  }

  private void put(SessionCall.Builder call) {
    call.setPutItems(
        PutItemsRequest.newBuilder().setQueueId(queue).addItems(Payload.newBuilder().setJson("1")));
  }

  private void take(SessionCall.Builder call) {
    call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId(queue));
  }

  private QueueInfo state() {
    return queues.getQueue(GetQueueRequest.newBuilder().setQueueId(queue).build()).getQueue();
  }

  private static void assertEnds(SessionClient client, Code code, String reason) {
    Throwable failure = client.failure();
    assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code);
    assertThat(Refusals.reason(failure)).isEqualTo(reason);
  }

  @Test
  void firstCallMustOpen() {
    SessionClient client = new SessionClient(daemon.channel());
    client.send(SessionStreamTest::ping);
    assertEnds(client, Code.FAILED_PRECONDITION, "OPEN_EXPECTED");
  }

  @Test
  void openingTwiceEndsTheStreamAndItsSession() {
    int before = sessions();
    SessionClient client = SessionClient.open(daemon.channel());
    client.send(call -> call.setOpen(OpenCall.getDefaultInstance()));
    assertEnds(client, Code.FAILED_PRECONDITION, "ALREADY_OPEN");
    await().atMost(TestDaemon.PATIENCE).until(() -> sessions() == before);
  }

  @Test
  void joiningASessionThatIsNotThereIsRefused() {
    SessionClient client = new SessionClient(daemon.channel());
    client.send(call -> call.setOpen(OpenCall.newBuilder().setSessionId("nobody")));
    assertEnds(client, Code.NOT_FOUND, "SESSION_NOT_FOUND");
  }

  @Test
  void orderlyEndAnswersWhatWasAskedAndEndsTheSession() {
    int before = sessions();
    SessionClient client = SessionClient.open(daemon.channel());
    SessionCall ping = client.send(SessionStreamTest::ping);
    client.close();
    assertThat(client.answer(ping).hasPing()).isTrue();
    assertThat(sessions()).isEqualTo(before);
  }

  @Test
  void refusedCallIsAnsweredAndTheStreamGoesOn() {
    SessionClient client = SessionClient.open(daemon.channel());
    SessionReply refused =
        client.answer(
            client.send(
                call -> call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId("nobody"))));
    assertThat(Refusals.reason(refused.getError())).isEqualTo("QUEUE_NOT_FOUND");
    assertThat(refused.getError().getCode()).isEqualTo(Code.NOT_FOUND.value());
    SessionReply empty = client.answer(client.send(call -> {}));
    assertThat(Refusals.reason(empty.getError())).isEqualTo("INVALID_ARGUMENT");
    SessionReply noContent =
        client.answer(
            client.send(
                call ->
                    call.setPutItems(
                        PutItemsRequest.newBuilder()
                            .setQueueId(queue)
                            .addItems(Payload.getDefaultInstance()))));
    assertThat(Refusals.reason(noContent.getError())).isEqualTo("PAYLOAD_EMPTY");
    assertThat(client.answer(client.send(SessionStreamTest::ping)).hasPing()).isTrue();
    client.close();
  }

  @Test
  void waitingPutDoesNotHoldUpTheAckBehindIt() {
    SessionClient client = SessionClient.open(daemon.channel());
    client.answer(client.send(this::put));
    SessionReply taken = client.answer(client.send(this::take));
    client.answer(client.send(this::put));
    SessionCall waiting = client.numbered(this::put);
    SessionCall ack =
        client.numbered(
            call ->
                call.setAckItems(
                    AckItemsRequest.newBuilder()
                        .setQueueId(queue)
                        .addTokens(taken.getTakeItems().getItems(0).getToken())));
    SessionCall ping = client.numbered(SessionStreamTest::ping);
    client.send(waiting, ack, ping);
    assertThat(client.answer(ack).hasAckItems()).isTrue();
    assertThat(client.answer(ping).hasPing()).isTrue();
    assertThat(client.reply(waiting)).isNotDone();
    client.send(this::take);
    assertThat(client.answer(waiting).hasPutItems()).isTrue();
    assertThat(client.order().indexOf(ping.getNumber()))
        .isLessThan(client.order().indexOf(waiting.getNumber()));
    client.close();
  }

  @Test
  void callsOfOneMessageStartInTheirOrder() {
    SessionClient client = SessionClient.open(daemon.channel());
    List<SessionCall> takes = new ArrayList<>();
    List<SessionCall> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      SessionCall put =
          client.numbered(
              call ->
                  call.setPutItems(
                      PutItemsRequest.newBuilder()
                          .setQueueId(queue)
                          .addItems(
                              Payload.newBuilder().setJson(Long.toString(call.getNumber())))));
      SessionCall take = client.numbered(this::take);
      takes.add(take);
      all.add(put);
      all.add(take);
    }
    client.send(all.toArray(new SessionCall[0]));
    for (SessionCall take : takes) {
      assertThat(client.answer(take).getTakeItems().getItems(0).getPayload().getJson())
          .isEqualTo(Long.toString(take.getNumber() - 1));
    }
    client.close();
  }

  @Test
  void cancelEndsTheWaitOfAnotherCallAndOnlyThat() {
    SessionClient client = SessionClient.open(daemon.channel());
    SessionCall first = client.send(this::take);
    SessionCall second = client.send(this::take);
    client.cancel(first);
    assertThat(Refusals.reason(client.answer(first).getError())).isEqualTo("CALL_CANCELLED");
    assertThat(client.answer(first).getError().getCode()).isEqualTo(Code.CANCELLED.value());
    client.answer(client.send(this::put));
    assertThat(client.answer(second).getTakeItems().getItemsCount()).isEqualTo(1);
    client.cancel(second);
    client.cancel(client.numbered(call -> {}));
    assertThat(client.answer(client.send(SessionStreamTest::ping)).hasPing()).isTrue();
    assertThat(state().getLeased()).isEqualTo(1);
    client.close();
  }

  @Test
  void numberOfAWaitingCallCannotBeUsedAgainUntilItIsAnswered() {
    SessionClient client = SessionClient.open(daemon.channel());
    SessionCall waiting = client.send(this::take);
    client.send(waiting.toBuilder().setPing(PingCall.getDefaultInstance()).build());
    assertThat(Refusals.reason(client.answer(waiting).getError())).isEqualTo("INVALID_ARGUMENT");
    client.breakOff();
  }

  @Test
  void brokenStreamTakesItsWaitsAndLeasesWithIt() {
    SessionClient client = SessionClient.open(daemon.channel());
    client.answer(client.send(this::put));
    client.answer(client.send(this::take));
    client.send(this::take);
    await().atMost(TestDaemon.PATIENCE).until(() -> state().getWaitingTakers() == 1);
    client.breakOff();
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(state().getWaitingTakers()).isZero();
              assertThat(state().getReady()).isEqualTo(1);
            });
  }

  @Test
  void queueEndsWithTheSessionThatOwnsIt() {
    SessionClient client = SessionClient.open(daemon.channel());
    CreateQueueRequest request =
        CreateQueueRequest.newBuilder()
            .setQueueId("owned")
            .setOwnerSessionId(client.sessionId())
            .build();
    assertThat(queues.createQueue(request).getQueue().getOwnerSessionId())
        .isEqualTo(client.sessionId());
    client.close();
    Refusals.assertRefused(
        Code.NOT_FOUND,
        "QUEUE_NOT_FOUND",
        () -> queues.getQueue(GetQueueRequest.newBuilder().setQueueId("owned").build()));
    Refusals.assertRefused(Code.NOT_FOUND, "SESSION_NOT_FOUND", () -> queues.createQueue(request));
  }

  @Test
  void sessionOfAChildEndsWithTheChildAndNotWithAStream() {
    var processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
    ProcessInfo child =
        processes
            .startProcess(
                StartProcessRequest.newBuilder()
                    .setCommand(CommandSpec.newBuilder().addArgv("sleep").addArgv("600"))
                    .build())
            .getProcess();
    SessionClient joined = new SessionClient(daemon.channel());
    assertThat(joined.openReply(child.getSessionId())).isEqualTo(child.getSessionId());
    joined.answer(joined.send(this::put));
    joined.answer(joined.send(this::take));
    joined.close();
    assertThat(state().getLeased()).isEqualTo(1);
    processes.stopProcess(
        StopProcessRequest.newBuilder()
            .setProcessId(child.getProcessId())
            .setGrace(Duration.getDefaultInstance())
            .build());
    assertThat(state().getLeased()).isZero();
    assertThat(state().getReady()).isEqualTo(1);
  }

  @Test
  void callsOfAStreamThatIsRefusedAreGivenUp() {
    SessionClient client = SessionClient.open(daemon.channel());
    client.answer(client.send(this::put));
    SessionCall waits = client.send(this::put);
    client.answer(client.send(SessionStreamTest::ping));
    assertThat(waitingCalls()).isEqualTo(1);
    client.send(call -> call.setOpen(OpenCall.getDefaultInstance()));
    assertEnds(client, Code.FAILED_PRECONDITION, "ALREADY_OPEN");
    assertThat(client.reply(waits)).isDone();
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() == 0);
    SessionClient other = SessionClient.open(daemon.channel());
    other.answer(other.send(this::take));
    assertThat(state().getReady()).isZero();
    other.close();
  }
}
