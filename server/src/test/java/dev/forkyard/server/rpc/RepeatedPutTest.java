package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.PutItemsResponse;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.QueueServiceGrpc.QueueServiceBlockingStub;
import dev.forkyard.v1.SessionReply;
import io.grpc.Status.Code;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests to queues that come again under their {@code request_id}. */
class RepeatedPutTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  @BeforeEach
  void createQueue() {
    assertThat(queues().createQueue(creation("once").build()).getQueue().getReady()).isZero();
  }

  @AfterEach
  void deleteQueue() {
    queues().deleteQueue(DeleteQueueRequest.newBuilder().setQueueId("once").build());
  }

  private static QueueServiceBlockingStub queues() {
    return QueueServiceGrpc.newBlockingStub(DAEMON.channel());
  }

  private static CreateQueueRequest.Builder creation(String id) {
    return CreateQueueRequest.newBuilder().setQueueId(id).setCapacity(1);
  }

  private static PutItemsRequest put(String requestId, String json) {
    return PutItemsRequest.newBuilder()
        .setQueueId("once")
        .setRequestId(requestId)
        .addItems(Payload.newBuilder().setJson(json))
        .build();
  }

  private static QueueInfo queue() {
    return queues().getQueue(GetQueueRequest.newBuilder().setQueueId("once").build()).getQueue();
  }

  private static void clear() {
    int unused =
        queues().clearQueue(ClearQueueRequest.newBuilder().setQueueId("once").build()).getCleared();
  }

  @Test
  void samePutTwiceIsOneItemWhateverCarriesIt() throws Exception {
    assertThat(queues().putItems(put("unary then stream", "1"))).isNotNull();
    assertThat(queues().putItems(put("unary then stream", "1"))).isNotNull();
    SessionClient session = SessionClient.open(DAEMON.channel());
    SessionReply again =
        session.answer(session.send(call -> call.setPutItems(put("unary then stream", "1"))));
    assertThat(again.hasPutItems()).isTrue();
    session.close();
    assertThat(queue().getReady()).isEqualTo(1);
  }

  @Test
  void otherPutUnderTheSameIdIsRefusedAndNothingIsPut() {
    assertThat(queues().putItems(put("reused", "1"))).isNotNull();
    clear();
    Refusals.assertRefused(
        Code.FAILED_PRECONDITION, "REQUEST_ID_REUSED", () -> queues().putItems(put("reused", "2")));
    assertThat(queue().getReady()).isZero();
  }

  @Test
  void putThatWaitsForRoomAndIsRepeatedIsDoneOnceAndBothAreAnswered() throws Exception {
    assertThat(queues().putItems(put("", "0"))).isNotNull();
    ListenableFuture<PutItemsResponse> first =
        QueueServiceGrpc.newFutureStub(DAEMON.channel()).putItems(put("waits", "1"));
    await().atMost(TestDaemon.PATIENCE).until(() -> queue().getWaitingPutters() == 1);
    ListenableFuture<PutItemsResponse> second =
        QueueServiceGrpc.newFutureStub(DAEMON.channel()).putItems(put("waits", "1"));
    first.cancel(true);
    clear();
    assertThat(second.get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    assertThat(queue().getReady()).isEqualTo(1);
    assertThat(queue().getWaitingPutters()).isZero();
  }

  @Test
  void refusedPutIsNotRemembered() {
    assertThat(queues().putItems(put("", "0"))).isNotNull();
    PutItemsRequest now =
        put("refused", "1").toBuilder()
            .setTimeout(com.google.protobuf.Duration.getDefaultInstance())
            .build();
    Refusals.assertRefused(Code.RESOURCE_EXHAUSTED, "QUEUE_FULL", () -> queues().putItems(now));
    clear();
    assertThat(queues().putItems(now)).isNotNull();
    assertThat(queue().getReady()).isEqualTo(1);
  }

  @Test
  void sameCreationTwiceOfAQueueWithoutANameIsOneQueue() {
    CreateQueueRequest request = creation("").setRequestId("unnamed").build();
    QueueInfo first = queues().createQueue(request).getQueue();
    QueueInfo second = queues().createQueue(request).getQueue();
    assertThat(second.getQueueId()).isEqualTo(first.getQueueId());
    queues().deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(first.getQueueId()).build());
  }
}
