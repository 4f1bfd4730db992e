package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.OpenCall;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReceiveMessagesResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.TakeItemsRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Session streams that go on after their connections broke, by hand. */
class SessionResumeTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final int LARGE = 3 << 20;

  private Channel channel;
  private QueueServiceBlockingStub queues;
  private String queue = "";

  @BeforeEach
  void createQueue() {
    channel = DAEMON.channel();
    queues = QueueServiceGrpc.newBlockingStub(channel);
    queue = queues.createQueue(CreateQueueRequest.getDefaultInstance()).getQueue().getQueueId();
  }

  @AfterEach
  void deleteQueue() {
    queues.deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(queue).build());
  }

  private static void ping(SessionCall.Builder call) {
    call.setPing(PingCall.getDefaultInstance());
  }

  private PutItemsRequest item(String json) {
    return PutItemsRequest.newBuilder()
        .setQueueId(queue)
        .addItems(Payload.newBuilder().setJson(json))
        .build();
  }

  private void put(SessionCall.Builder call) {
    call.setPutItems(item("1"));
  }

  private void take(SessionCall.Builder call) {
    call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId(queue));
  }

  private void peek(SessionCall.Builder call) {
    call.setPeekItems(PeekItemsRequest.newBuilder().setQueueId(queue));
  }

  private SessionCall ack(SessionClient client, SessionReply taken) {
    String token = taken.getTakeItems().getItems(0).getToken();
    return client.send(
        call -> call.setAckItems(AckItemsRequest.newBuilder().setQueueId(queue).addTokens(token)));
  }

  private QueueInfo state() {
    return queues.getQueue(GetQueueRequest.newBuilder().setQueueId(queue).build()).getQueue();
  }

  private static void assertEnds(SessionClient client, Code code, String reason) {
    Throwable failure = client.failure();
    assertThat(Status.fromThrowable(failure).getCode()).as("%s", failure).isEqualTo(code);
    assertThat(Refusals.reason(failure)).isEqualTo(reason);
  }

  private void assertCannotGoOn(SessionClient client, long repliesReceived) {
    assertEnds(
        SessionClient.begin(channel, client.goingOn(repliesReceived)),
        Code.FAILED_PRECONDITION,
        "NOT_RESUMABLE");
  }

  private static void assertBadNumber(SessionClient client) {
    assertEnds(client, Code.INVALID_ARGUMENT, "BAD_NUMBER");
  }

  private void awaitGivenBack() {
    await()
        .atMost(TestDaemon.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(state().getReady()).isEqualTo(1);
              assertThat(state().getLeased()).isZero();
            });
  }

  @Test
  void repliesThatWereLostComeAgainInTheirOrder() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall waits = client.send(this::take);
    for (int i = 0; i < 3; i++) {
      client.answer(client.send(SessionResumeTest::ping));
    }
    client.answer(client.send(this::put));
    client.answer(waits);
    assertThat(client.order()).startsWith(0L, 2L, 3L, 4L).hasSize(6);
    client.breakOff();

    SessionClient next = client.goOn(channel, 2);
    assertThat(next.opened().getCallsReceived()).isEqualTo(5);
    assertThat(next.sessionId()).isEqualTo(client.sessionId());
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    assertThat(next.answer(waits)).isEqualTo(client.answer(waits));
    assertThat(next.order()).startsWith(0L, 4L).endsWith(6L).hasSize(5);
    assertThat(next.order().subList(1, 4)).isEqualTo(client.order().subList(3, 6));
    next.close();
  }

  @Test
  void callsThatWereReceivedAreNotCarriedOutTwice() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall put = client.send(this::put);
    client.answer(put);
    client.breakOff();

    SessionClient next = client.goOn(channel, 0);
    assertThat(next.opened().getCallsReceived()).isEqualTo(put.getNumber());
    assertThat(next.answer(put).hasPutItems()).isTrue();
    assertThat(state().getReady()).isEqualTo(1);
    next.send(put);
    assertBadNumber(next);
    assertThat(state().getReady()).isEqualTo(1);
  }

  @Test
  void takeThatWaitsGoesOnOverTheBreakAndItsItemArrives() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall first = client.send(this::take);
    SessionCall second = client.send(this::take);
    client.answer(client.send(SessionResumeTest::ping));
    client.breakOff();
    queues.putItems(item("\"meanwhile\""));

    SessionClient next = client.goOn(channel, 1);
    SessionReply taken = next.answer(first);
    assertThat(taken.getTakeItems().getItems(0).getPayload().getJson()).isEqualTo("\"meanwhile\"");
    queues.putItems(item("\"after\""));
    assertThat(next.answer(second).getTakeItems().getItems(0).getPayload().getJson())
        .isEqualTo("\"after\"");
    assertThat(state().getLeased()).isEqualTo(2);
    next.close();
  }

  @Test
  void callThatWaitsCanBeCancelledOnTheNextConnection() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall waits = client.send(this::take);
    client.answer(client.send(SessionResumeTest::ping));
    client.breakOff();
    SessionClient next = client.goOn(channel, 1);
    next.cancel(waits);
    assertThat(Refusals.reason(next.answer(waits).getError())).isEqualTo("CALL_CANCELLED");
    next.close();
  }

  @Test
  void leaseIsKeptForAStreamThatGoesOn() {
    SessionClient client = SessionClient.openResumable(channel);
    client.answer(client.send(this::put));
    SessionReply taken = client.answer(client.send(this::take));
    client.breakOff();
    SessionClient next = client.goOn(channel, 2);
    assertThat(next.answer(ack(next, taken)).hasAckItems()).isTrue();
    next.close();
    assertThat(state().getReady()).isZero();
  }

  @Test
  void streamThatDoesNotGoOnEndsWithItsWaitsAndLeases() {
    SessionClient client = SessionClient.openResumable(channel);
    client.answer(client.send(this::put));
    client.answer(client.send(this::take));
    client.send(this::take);
    await().atMost(TestDaemon.PATIENCE).until(() -> state().getWaitingTakers() == 1);
    client.breakOff();
    awaitGivenBack();
    assertThat(state().getWaitingTakers()).isZero();
    assertCannotGoOn(client, 2);
  }

  @Test
  void endOfAPipeIsHeldForAStreamThatGoesOnAndReleasedOfOneThatDoesNot() {
    var pipes = PipeServiceGrpc.newBlockingStub(channel);
    String pipe = pipes.createPipe(CreatePipeRequest.getDefaultInstance()).getPipe().getPipeId();
    SessionClient reader = SessionClient.open(channel);
    SessionClient writer = SessionClient.openResumable(channel);
    assertThat(receive(reader, pipe, () -> send(writer, pipe)).getMessagesCount()).isEqualTo(1);
    writer.breakOff();
    SessionClient next = writer.goOn(channel, 1);
    assertThat(receive(reader, pipe, () -> send(next, pipe)).getMessagesCount()).isEqualTo(1);
    assertThat(receive(reader, pipe, next::breakOff).getEnd()).isTrue();
    reader.close();
    pipes.deletePipe(DeletePipeRequest.newBuilder().setPipeId(pipe).build());
  }

  private static void send(SessionClient writer, String pipe) {
    SendMessagesRequest request =
        SendMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(PipeSide.PIPE_SIDE_LEFT)
            .addMessages(Payload.newBuilder().setJson("1"))
            .build();
    writer.answer(writer.send(call -> call.setSendMessages(request)));
  }

  private static ReceiveMessagesResponse receive(
      SessionClient reader, String pipe, Runnable meanwhile) {
    ReceiveMessagesRequest request =
        ReceiveMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(PipeSide.PIPE_SIDE_RIGHT)
            .build();
    SessionCall receive = reader.send(call -> call.setReceiveMessages(request));
    meanwhile.run();
    return reader.answer(receive).getReceiveMessages();
  }

  @Test
  void newConnectionTakesOverFromOneThatLives() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall waits = client.send(this::take);
    client.answer(client.send(SessionResumeTest::ping));

    SessionClient next = client.goOn(channel, 1);
    assertEnds(client, Code.FAILED_PRECONDITION, "NOT_RESUMABLE");
    assertThat(next.sessionId()).isEqualTo(client.sessionId());
    next.answer(next.send(this::put));
    assertThat(next.answer(waits).getTakeItems().getItemsCount()).isEqualTo(1);
    assertThat(client.reply(waits)).isCompletedExceptionally();
    next.close();
  }

  @Test
  void attemptThatArrivesBehindALaterOneDoesNotTakeOver() {
    SessionClient client = SessionClient.openResumable(channel);
    client.breakOff();
    OpenCall late = client.goingOn(0).toBuilder().setAttempt(1).build();
    SessionClient next = SessionClient.open(channel, late.toBuilder().setAttempt(2).build());
    assertEnds(SessionClient.begin(channel, late), Code.FAILED_PRECONDITION, "NOT_RESUMABLE");
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    next.close();
  }

  @Test
  void tokenIsWorthlessOnceTheClientHasShownThatItHasTheNext() {
    SessionClient client = SessionClient.openResumable(channel);
    client.breakOff();
    SessionClient next = client.goOn(channel, 0);
    assertThat(next.opened().getResumeToken()).isNotEqualTo(client.opened().getResumeToken());
    next.confirm(0);
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    assertCannotGoOn(client, 0);
    assertEnds(
        SessionClient.begin(channel, OpenCall.newBuilder().setResumeToken("a guess").build()),
        Code.FAILED_PRECONDITION,
        "NOT_RESUMABLE");
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    next.close();
  }

  @Test
  void tokenThatWasLostWithItsAnswerIsNotNeeded() {
    SessionClient client = SessionClient.openResumable(channel);
    SessionCall ping = client.send(SessionResumeTest::ping);
    client.answer(ping);
    client.breakOff();
    SessionClient lost = client.goOn(channel, 0);
    lost.breakOff();
    SessionClient next = client.goOn(channel, 0);
    assertThat(next.answer(ping).hasPing()).isTrue();
    assertCannotGoOn(lost, 0);
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    next.close();
  }

  @Test
  void streamThatWasNotOpenedAsResumableGetsNoToken() {
    SessionClient client = SessionClient.open(channel, OpenCall.getDefaultInstance());
    assertThat(client.opened().getResumeToken()).isEmpty();
    client.close();
  }

  @Test
  void gapInTheNumbersEndsTheStreamAndItsSession() {
    SessionClient client = SessionClient.openResumable(channel);
    client.answer(client.send(this::put));
    client.answer(client.send(this::take));
    client.numbered(call -> {});
    client.send(SessionResumeTest::ping);
    assertBadNumber(client);
    assertCannotGoOn(client, 2);
    awaitGivenBack();
  }

  @Test
  void confirmationOfRepliesThatWereNotSentEndsTheStream() {
    SessionClient client = SessionClient.openResumable(channel);
    client.answer(client.send(SessionResumeTest::ping));
    client.confirm(1);
    client.confirm(0);
    client.answer(client.send(SessionResumeTest::ping));
    client.confirm(3);
    assertBadNumber(client);
    assertCannotGoOn(client, 2);
  }

  @Test
  void streamThatAsksForRepliesThatItHasConfirmedOrThatWereNotSentEnds() {
    for (long wrong : new long[] {1, 4}) {
      SessionClient client = SessionClient.openResumable(channel);
      for (int i = 0; i < 2; i++) {
        client.answer(client.send(SessionResumeTest::ping));
      }
      client.confirm(2);
      client.answer(client.send(SessionResumeTest::ping));
      client.breakOff();
      assertBadNumber(SessionClient.begin(channel, client.goingOn(wrong)));
      assertCannotGoOn(client, 2);
    }
  }

  @Test
  void streamWithARefusedMessageEnds() {
    SessionClient client = SessionClient.openResumable(channel);
    client.send(call -> call.setPutItems(item("\"" + "x".repeat(LARGE * 2) + "\"")));
    assertEnds(client, Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
    assertCannotGoOn(client, 0);
  }

  @Test
  void orderlyEndGivesTheStreamUp() {
    SessionClient client = SessionClient.openResumable(channel);
    client.answer(client.send(this::put));
    client.answer(client.send(this::take));
    client.close();
    assertThat(state().getReady()).isEqualTo(1);
    assertCannotGoOn(client, 2);
  }

  @Test
  void repliesThatNobodyConfirmsAreForgottenAndThenTheStreamCannotGoOn() {
    queues.putItems(item("\"" + "x".repeat(LARGE) + "\""));
    int tooMany = (int) (SentReplies.MOST_BYTES / LARGE) + 1;
    SessionClient silent = SessionClient.openResumable(channel);
    SessionClient confirming = SessionClient.openResumable(channel);
    for (int i = 0; i < tooMany; i++) {
      assertThat(silent.answer(silent.send(this::peek)).getPeekItems().getItemsCount())
          .isEqualTo(1);
      confirming.answer(confirming.send(this::peek));
      confirming.confirm(i);
    }
    assertThat(silent.answer(silent.send(SessionResumeTest::ping)).hasPing()).isTrue();
    silent.breakOff();
    confirming.breakOff();
    assertCannotGoOn(silent, tooMany);
    SessionClient next = confirming.goOn(channel, tooMany - 1);
    assertThat(next.answer(next.send(SessionResumeTest::ping)).hasPing()).isTrue();
    next.close();
  }

  @Test
  void streamOfAProcessGoesOnUntilTheProcessEnds() {
    var processes = ProcessServiceGrpc.newBlockingStub(channel);
    ProcessInfo child =
        processes
            .startProcess(
                StartProcessRequest.newBuilder()
                    .setCommand(CommandSpec.newBuilder().addArgv("sleep").addArgv("600"))
                    .build())
            .getProcess();
    SessionClient joined =
        SessionClient.open(
            channel,
            OpenCall.newBuilder().setSessionId(child.getSessionId()).setResumable(true).build());
    joined.answer(joined.send(this::put));
    joined.answer(joined.send(this::take));
    joined.breakOff();
    SessionClient next = joined.goOn(channel, 2);
    assertThat(next.opened().getProcessId()).isEqualTo(child.getProcessId());
    next.breakOff();
    processes.stopProcess(
        StopProcessRequest.newBuilder()
            .setProcessId(child.getProcessId())
            .setGrace(Duration.getDefaultInstance())
            .build());
    assertThat(state().getReady()).isEqualTo(1);
    assertCannotGoOn(next, 2);
    assertRefused(
        Code.NOT_FOUND,
        "SESSION_NOT_FOUND",
        () ->
            queues.createQueue(
                CreateQueueRequest.newBuilder().setOwnerSessionId(child.getSessionId()).build()));
  }
}
