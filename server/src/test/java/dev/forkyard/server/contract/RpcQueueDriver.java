package dev.forkyard.server.contract;

import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import io.grpc.Channel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Queues over the wire, with either carrier for the hot operations. */
final class RpcQueueDriver implements QueueDriver {
  private final boolean unary;
  private final QueueServiceGrpc.QueueServiceBlockingStub blocking;
  private final QueueServiceGrpc.QueueServiceFutureStub future;
  private final RpcSessions sessions;

  RpcQueueDriver(Channel channel, boolean unary) {
    this.sessions = new RpcSessions(channel);
    this.unary = unary;
    this.blocking = QueueServiceGrpc.newBlockingStub(channel);
    this.future = QueueServiceGrpc.newFutureStub(channel);
  }

  @Override
  public String create(int capacity, long capacityBytes) {
    return blocking
        .createQueue(
            CreateQueueRequest.newBuilder()
                .setCapacity(capacity)
                .setCapacityBytes(capacityBytes)
                .build())
        .getQueue()
        .getQueueId();
  }

  @Override
  public String openSession() {
    return sessions.open();
  }

  @Override
  public void endSession(String session) {
    sessions.end(session);
  }

  @Override
  public void endSessions() {
    sessions.endAll();
  }

  @Override
  public Call<Void> put(
      String queue, String session, @Nullable Duration timeout, List<String> values) {
    PutItemsRequest.Builder request =
        PutItemsRequest.newBuilder().setQueueId(queue).addAllItems(RpcCalls.payloads(values));
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    if (unary) {
      return RpcCalls.unary(future.putItems(request.build()), done -> CoreCalls.nothing());
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setPutItems(request)),
        reply -> checked(reply.hasPutItems(), reply));
  }

  private static Void checked(boolean isRight, SessionReply reply) {
    if (!isRight) {
      throw new AssertionError("another kind of reply: " + reply);
    }
    return CoreCalls.nothing();
  }

  @Override
  public Call<Taken> take(String queue, String session, int most, @Nullable Duration timeout) {
    TakeItemsRequest.Builder request =
        TakeItemsRequest.newBuilder().setQueueId(queue).setMaxItems(most);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    if (unary) {
      return RpcCalls.unary(
          future.takeItems(request.setSessionId(session).build()), RpcQueueDriver::taken);
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setTakeItems(request)),
        reply -> taken(reply.getTakeItems()));
  }

  private static Taken taken(TakeItemsResponse taken) {
    List<LeasedItem> items = taken.getItemsList();
    return new Taken(
        items.stream().map(item -> item.getPayload().getJson()).toList(),
        items.stream().map(LeasedItem::getToken).toList(),
        items.stream().map(LeasedItem::getAttempt).toList(),
        taken.getTimedOut(),
        taken.getEnd());
  }

  @Override
  public Call<Void> ack(String queue, String session, List<String> tokens) {
    AckItemsRequest request =
        AckItemsRequest.newBuilder().setQueueId(queue).addAllTokens(tokens).build();
    if (unary) {
      return RpcCalls.unary(future.ackItems(request), done -> CoreCalls.nothing());
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setAckItems(request)),
        reply -> checked(reply.hasAckItems(), reply));
  }

  @Override
  public Call<Void> release(String queue, String session, List<String> tokens) {
    ReleaseItemsRequest request =
        ReleaseItemsRequest.newBuilder().setQueueId(queue).addAllTokens(tokens).build();
    if (unary) {
      return RpcCalls.unary(future.releaseItems(request), done -> CoreCalls.nothing());
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(
        client,
        client.numbered(call -> call.setReleaseItems(request)),
        reply -> checked(reply.hasReleaseItems(), reply));
  }

  @Override
  public void close(String queue) {
    QueueInfo unused =
        blocking.closeQueue(CloseQueueRequest.newBuilder().setQueueId(queue).build()).getQueue();
  }

  @Override
  public void delete(String queue) {
    QueueInfo unused =
        blocking.deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(queue).build()).getQueue();
  }

  @Override
  public State state(String queue) {
    QueueInfo state =
        blocking.getQueue(GetQueueRequest.newBuilder().setQueueId(queue).build()).getQueue();
    return new State(
        state.getReady(),
        state.getLeased(),
        state.getWaitingPutters(),
        state.getWaitingTakers(),
        state.getClosed());
  }
}
