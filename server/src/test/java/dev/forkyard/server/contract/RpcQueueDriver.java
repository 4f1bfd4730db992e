package dev.forkyard.server.contract;

import com.google.common.util.concurrent.ListenableFuture;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.ExtendLeasesRequest;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.LostTaker;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.PeekItemsResponse;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueItem;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.RestoreItemsRequest;
import dev.forkyard.v1.RestoreItemsResponse;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionReply;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import dev.forkyard.v1.WaitDrainedRequest;
import dev.forkyard.v1.WaitDrainedResponse;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Queues over the wire, with either carrier for the hot operations. */
final class RpcQueueDriver implements QueueDriver {
  private final boolean unary;
  private final QueueServiceGrpc.QueueServiceBlockingStub blocking;
  private final QueueServiceGrpc.QueueServiceFutureStub future;
  private final RpcSessions sessions;
  private final List<String> created = new ArrayList<>();

  RpcQueueDriver(Channel channel, boolean unary) {
    this.sessions = new RpcSessions(channel);
    this.unary = unary;
    this.blocking = QueueServiceGrpc.newBlockingStub(channel);
    this.future = QueueServiceGrpc.newFutureStub(channel);
  }

  @Override
  public String create(Options options) {
    String queue =
        blocking
            .createQueue(
                CreateQueueRequest.newBuilder()
                    .setCapacity(options.capacity())
                    .setCapacityBytes(options.capacityBytes())
                    .setMaxPriority(options.maxPriority())
                    .setDeadAfterCrashes(options.deadAfterCrashes())
                    .setDeadAfterReleases(options.deadAfterReleases())
                    .build())
            .getQueue()
            .getQueueId();
    created.add(queue);
    return queue;
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
  public void end() {
    sessions.endAll();
    List.copyOf(created).forEach(this::delete);
  }

  /** Makes a call with the carrier of this driver. */
  private <A, T> Call<T> call(
      String session,
      Supplier<ListenableFuture<A>> unaryCall,
      Function<A, T> unaryAnswer,
      Consumer<SessionCall.Builder> streamCall,
      Function<SessionReply, T> streamAnswer) {
    if (unary) {
      return RpcCalls.unary(unaryCall.get(), unaryAnswer);
    }
    SessionClient client = sessions.stream(session);
    return RpcCalls.stream(client, client.numbered(streamCall), streamAnswer);
  }

  @Override
  public Call<Void> put(
      String queue, String session, @Nullable Duration timeout, List<String> values, About about) {
    PutItemsRequest.Builder request =
        PutItemsRequest.newBuilder()
            .setQueueId(queue)
            .addAllItems(RpcCalls.payloads(values))
            .setPriority(about.priority())
            .putAllAttributes(about.attributes());
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return call(
        session,
        () -> future.putItems(request.build()),
        done -> CoreCalls.nothing(),
        call -> call.setPutItems(request),
        reply -> checked(reply.hasPutItems(), reply));
  }

  private static Void checked(boolean isRight, SessionReply reply) {
    if (!isRight) {
      throw new AssertionError("another kind of reply: " + reply);
    }
    return CoreCalls.nothing();
  }

  @Override
  public Call<Taken> take(String queue, String session, Wish wish) {
    TakeItemsRequest.Builder request =
        TakeItemsRequest.newBuilder()
            .setQueueId(queue)
            .setMaxItems(wish.most())
            .setNumber(wish.number())
            .setAhead(wish.mode() == Mode.AHEAD)
            .setAutoAck(wish.mode() == Mode.AUTO_ACK);
    if (wish.timeout() != null) {
      request.setTimeout(RpcCalls.wire(wish.timeout()));
    }
    if (wish.lease() != null) {
      request.setLease(RpcCalls.wire(wish.lease()));
    }
    return call(
        session,
        () -> future.takeItems(request.setSessionId(session).build()),
        RpcQueueDriver::taken,
        call -> call.setTakeItems(request),
        reply -> taken(reply.getTakeItems()));
  }

  private static Taken taken(TakeItemsResponse taken) {
    List<LeasedItem> items = taken.getItemsList();
    return new Taken(
        items.stream().map(item -> item.getPayload().getJson()).toList(),
        items.stream().map(LeasedItem::getToken).toList(),
        items.stream().map(LeasedItem::getAttempt).toList(),
        items.stream().map(LeasedItem::getNumber).toList(),
        items.stream().map(LeasedItem::getAttributesMap).toList(),
        taken.getTimedOut(),
        taken.getEnd());
  }

  @Override
  public Call<View> peek(
      String queue,
      String session,
      int most,
      @Nullable Duration timeout,
      boolean deadLetters,
      String after) {
    PeekItemsRequest.Builder request =
        PeekItemsRequest.newBuilder()
            .setQueueId(queue)
            .setMaxItems(most)
            .setDeadLetters(deadLetters)
            .setPageToken(after);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return call(
        session,
        () -> future.peekItems(request.build()),
        RpcQueueDriver::view,
        call -> call.setPeekItems(request),
        reply -> view(reply.getPeekItems()));
  }

  private static View view(PeekItemsResponse peeked) {
    return new View(
        peeked.getItemsList().stream().map(RpcQueueDriver::seen).toList(),
        peeked.getTimedOut(),
        peeked.getEnd(),
        peeked.getNextPageToken());
  }

  private static Seen seen(QueueItem item) {
    return new Seen(
        item.getNumber(),
        item.getPayload().getJson(),
        item.getPriority(),
        item.getAttributesMap(),
        item.getAttempts(),
        item.getReleases(),
        item.getCrashCount(),
        item.getCrashesList().stream().map(LostTaker::getHow).toList(),
        item.hasDeath() ? item.getDeath().getCause().name().replace("DEATH_CAUSE_", "") : "",
        item.getDeath().getReason());
  }

  @Override
  public Call<Void> ack(String queue, String session, List<String> tokens) {
    AckItemsRequest request =
        AckItemsRequest.newBuilder().setQueueId(queue).addAllTokens(tokens).build();
    return call(
        session,
        () -> future.ackItems(request),
        done -> CoreCalls.nothing(),
        call -> call.setAckItems(request),
        reply -> checked(reply.hasAckItems(), reply));
  }

  @Override
  public Call<Void> release(
      String queue, String session, List<String> tokens, Return way, String reason) {
    ReleaseItemsRequest request =
        ReleaseItemsRequest.newBuilder()
            .setQueueId(queue)
            .addAllTokens(tokens)
            .setUnused(way == Return.UNUSED)
            .setGiveUp(way == Return.GIVE_UP)
            .setReason(reason)
            .build();
    return call(
        session,
        () -> future.releaseItems(request),
        done -> CoreCalls.nothing(),
        call -> call.setReleaseItems(request),
        reply -> checked(reply.hasReleaseItems(), reply));
  }

  @Override
  public Call<Void> extend(String queue, String session, List<String> tokens, Duration lease) {
    ExtendLeasesRequest request =
        ExtendLeasesRequest.newBuilder()
            .setQueueId(queue)
            .addAllTokens(tokens)
            .setLease(RpcCalls.wire(lease))
            .build();
    return call(
        session,
        () -> future.extendLeases(request),
        done -> CoreCalls.nothing(),
        call -> call.setExtendLeases(request),
        reply -> checked(reply.hasExtendLeases(), reply));
  }

  @Override
  public Call<Drained> drain(String queue, String session, @Nullable Duration timeout) {
    WaitDrainedRequest.Builder request = WaitDrainedRequest.newBuilder().setQueueId(queue);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return call(
        session,
        () -> future.waitDrained(request.build()),
        RpcQueueDriver::drained,
        call -> call.setWaitDrained(request),
        reply -> drained(reply.getWaitDrained()));
  }

  private static Drained drained(WaitDrainedResponse drained) {
    return new Drained(drained.getTimedOut(), drained.getUnfinished(), drained.getDied());
  }

  @Override
  public void close(String queue, boolean immediately) {
    QueueInfo unused =
        blocking
            .closeQueue(
                CloseQueueRequest.newBuilder().setQueueId(queue).setImmediate(immediately).build())
            .getQueue();
  }

  @Override
  public int clear(String queue, boolean deadLetters) {
    return blocking
        .clearQueue(
            ClearQueueRequest.newBuilder().setQueueId(queue).setDeadLetters(deadLetters).build())
        .getCleared();
  }

  @Override
  public Call<Integer> restore(String queue, List<Long> numbers) {
    return RpcCalls.unary(
        future.restoreItems(
            RestoreItemsRequest.newBuilder().setQueueId(queue).addAllNumbers(numbers).build()),
        RestoreItemsResponse::getRestored);
  }

  @Override
  public void delete(String queue) {
    created.remove(queue);
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
