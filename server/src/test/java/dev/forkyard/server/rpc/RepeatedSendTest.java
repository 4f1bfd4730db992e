package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.DeletePipeResponse;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeInfo;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeServiceGrpc.PipeServiceBlockingStub;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SendMessagesResponse;
import dev.forkyard.v1.SessionReply;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests to pipes that come again under their {@code request_id}. */
class RepeatedSendTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private PipeInfo pipe;

  private static PipeServiceBlockingStub pipes() {
    return PipeServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  @BeforeEach
  void create() {
    pipe =
        pipes().createPipe(CreatePipeRequest.newBuilder().setCapacityBytes(10).build()).getPipe();
  }

  @AfterEach
  void delete() {
    delete(pipe);
  }

  private static void delete(PipeInfo some) {
    DeletePipeResponse unused =
        pipes().deletePipe(DeletePipeRequest.newBuilder().setPipeId(some.getPipeId()).build());
  }

  private SendMessagesRequest send(String requestId, String json) {
    return SendMessagesRequest.newBuilder()
        .setPipeId(pipe.getPipeId())
        .setSide(PipeSide.PIPE_SIDE_LEFT)
        .setRequestId(requestId)
        .addMessages(Payload.newBuilder().setJson(json))
        .build();
  }

  private List<String> receive() {
    return pipes()
        .receiveMessages(
            ReceiveMessagesRequest.newBuilder()
                .setPipeId(pipe.getPipeId())
                .setSide(PipeSide.PIPE_SIDE_RIGHT)
                .setMaxMessages(100)
                .setTimeout(Duration.getDefaultInstance())
                .build())
        .getMessagesList()
        .stream()
        .map(Payload::getJson)
        .toList();
  }

  private static int waitingCalls() {
    return DAEMON.get().counts().getWaitingCalls();
  }

  @Test
  void sameSendTwiceIsOneMessageWhateverCarriesIt() {
    assertThat(pipes().sendMessages(send("unary then stream", "1"))).isNotNull();
    assertThat(pipes().sendMessages(send("unary then stream", "1"))).isNotNull();
    SessionClient session = SessionClient.open(DAEMON.channel());
    SessionReply again =
        session.answer(session.send(call -> call.setSendMessages(send("unary then stream", "1"))));
    assertThat(again.hasSendMessages()).isTrue();
    session.close();
    assertThat(receive()).containsExactly("1");
    assertThat(pipes().sendMessages(send("unary then stream", "1"))).isNotNull();
    assertThat(receive()).isEmpty();
  }

  @Test
  void otherSendUnderTheSameIdIsRefusedAndNothingIsSent() {
    assertThat(pipes().sendMessages(send("reused", "1"))).isNotNull();
    Refusals.assertRefused(
        Code.FAILED_PRECONDITION,
        "REQUEST_ID_REUSED",
        () -> pipes().sendMessages(send("reused", "2")));
    assertThat(receive()).containsExactly("1");
  }

  @Test
  void sendThatWaitsForRoomAndIsRepeatedIsDoneOnceAndBothAreAnswered() throws Exception {
    assertThat(pipes().sendMessages(send("", "12345678"))).isNotNull();
    ListenableFuture<SendMessagesResponse> first =
        PipeServiceGrpc.newFutureStub(DAEMON.channel()).sendMessages(send("waits", "1"));
    await().atMost(TestDaemon.PATIENCE).until(() -> waitingCalls() > 0);
    ListenableFuture<SendMessagesResponse> second =
        PipeServiceGrpc.newFutureStub(DAEMON.channel()).sendMessages(send("waits", "1"));
    List<String> all = new ArrayList<>(receive());
    assertThat(first.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    assertThat(second.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    all.addAll(receive());
    assertThat(all).containsExactly("12345678", "1");
  }

  @Test
  void refusedSendIsNotRemembered() {
    assertThat(pipes().sendMessages(send("", "12345678"))).isNotNull();
    SendMessagesRequest now =
        send("refused", "1").toBuilder().setTimeout(Duration.getDefaultInstance()).build();
    Refusals.assertRefused(Code.RESOURCE_EXHAUSTED, "PIPE_FULL", () -> pipes().sendMessages(now));
    assertThat(receive()).containsExactly("12345678");
    assertThat(pipes().sendMessages(now)).isNotNull();
    assertThat(receive()).containsExactly("1");
  }

  @Test
  void sameCreationTwiceIsOnePipe() {
    CreatePipeRequest request =
        CreatePipeRequest.newBuilder().setSimplex(true).setRequestId("unnamed").build();
    PipeInfo first = pipes().createPipe(request).getPipe();
    PipeInfo second = pipes().createPipe(request).getPipe();
    assertThat(second).isEqualTo(first);
    assertThat(first.getSimplex()).isTrue();
    Refusals.assertRefused(
        Code.FAILED_PRECONDITION,
        "REQUEST_ID_REUSED",
        () -> pipes().createPipe(request.toBuilder().setSimplex(false).build()));
    delete(first);
  }
}
