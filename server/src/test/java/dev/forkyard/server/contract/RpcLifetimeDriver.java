package dev.forkyard.server.contract;

import dev.forkyard.server.contract.PipeDriver.End;
import dev.forkyard.server.contract.PipeDriver.Received;
import dev.forkyard.server.core.Handle;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.ClearQueueResponse;
import dev.forkyard.v1.ClosePipeEndRequest;
import dev.forkyard.v1.ClosePipeEndResponse;
import dev.forkyard.v1.CreatePipeRequest;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeletePipeRequest;
import dev.forkyard.v1.DeletePipeResponse;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.DeleteQueueResponse;
import dev.forkyard.v1.GetPipeRequest;
import dev.forkyard.v1.GetPipeResponse;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.GetQueueResponse;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.LeaveQueueRequest;
import dev.forkyard.v1.LeaveQueueResponse;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PipeEndHandle;
import dev.forkyard.v1.PipeServiceGrpc;
import dev.forkyard.v1.PipeSide;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.ReleaseItemsResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import dev.forkyard.v1.TakeItemsRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Queues and pipes over the wire. */
final class RpcLifetimeDriver implements LifetimeDriver {
  private final Channel channel;
  private final QueueServiceGrpc.QueueServiceBlockingStub queues;
  private final QueueServiceGrpc.QueueServiceFutureStub queueCalls;
  private final PipeServiceGrpc.PipeServiceBlockingStub pipes;
  private final PipeServiceGrpc.PipeServiceFutureStub pipeCalls;
  private final RpcSessions sessions;
  private final List<String> freeQueues = new ArrayList<>();
  private final List<String> freePipes = new ArrayList<>();

  RpcLifetimeDriver(Channel channel) {
    this.channel = channel;
    this.queues = QueueServiceGrpc.newBlockingStub(channel);
    this.queueCalls = QueueServiceGrpc.newFutureStub(channel);
    this.pipes = PipeServiceGrpc.newBlockingStub(channel);
    this.pipeCalls = PipeServiceGrpc.newFutureStub(channel);
    this.sessions = new RpcSessions(channel);
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
  public void clean() {
    sessions.endAll();
    freeQueues.stream().filter(this::hasQueue).forEach(this::deleteQueue);
    freePipes.stream().filter(this::hasPipe).forEach(this::deletePipe);
  }

  @Override
  public String createQueue(String owner) {
    CreateQueueRequest request =
        CreateQueueRequest.newBuilder().setCapacity(1).setOwnerSessionId(owner).build();
    String queue = queues.createQueue(request).getQueue().getQueueId();
    if (owner.isEmpty()) {
      freeQueues.add(queue);
    }
    return queue;
  }

  @Override
  public String createPipe(String owner) {
    CreatePipeRequest request = CreatePipeRequest.newBuilder().setOwnerSessionId(owner).build();
    String pipe = pipes.createPipe(request).getPipe().getPipeId();
    if (owner.isEmpty()) {
      freePipes.add(pipe);
    }
    return pipe;
  }

  @Override
  public boolean hasQueue(String queue) {
    try {
      GetQueueResponse found =
          queues.getQueue(GetQueueRequest.newBuilder().setQueueId(queue).build());
      return found.hasQueue();
    } catch (StatusRuntimeException e) {
      return isThere(e);
    }
  }

  @Override
  public boolean hasPipe(String pipe) {
    try {
      GetPipeResponse found = pipes.getPipe(GetPipeRequest.newBuilder().setPipeId(pipe).build());
      return found.hasPipe();
    } catch (StatusRuntimeException e) {
      return isThere(e);
    }
  }

  private static boolean isThere(StatusRuntimeException refused) {
    if (refused.getStatus().getCode() == Status.Code.NOT_FOUND) {
      return false;
    }
    throw refused;
  }

  @Override
  public void deleteQueue(String queue) {
    DeleteQueueResponse unused =
        queues.deleteQueue(DeleteQueueRequest.newBuilder().setQueueId(queue).build());
  }

  @Override
  public void leaveQueue(String queue, String session) {
    LeaveQueueResponse unused =
        queues.leaveQueue(
            LeaveQueueRequest.newBuilder().setQueueId(queue).setSessionId(session).build());
  }

  private void deletePipe(String pipe) {
    DeletePipeResponse unused =
        pipes.deletePipe(DeletePipeRequest.newBuilder().setPipeId(pipe).build());
  }

  private static Payload payload(Handle... handles) {
    Payload.Builder payload = Payload.newBuilder().setJson("{}");
    for (Handle handle : handles) {
      payload.addHandles(
          handle.kind() == Handle.Kind.QUEUE
              ? dev.forkyard.v1.Handle.newBuilder().setQueueId(handle.id())
              : dev.forkyard.v1.Handle.newBuilder().setPipeEnd(pipeEnd(handle)));
    }
    return payload.build();
  }

  private static PipeEndHandle pipeEnd(Handle handle) {
    return PipeEndHandle.newBuilder()
        .setPipeId(handle.id())
        .setSide(PipeSide.valueOf("PIPE_SIDE_" + handle.part()))
        .build();
  }

  private static PipeSide side(End end) {
    return PipeSide.valueOf("PIPE_SIDE_" + end);
  }

  @Override
  public Call<Void> put(String queue, @Nullable Duration timeout, Handle... handles) {
    PutItemsRequest.Builder request =
        PutItemsRequest.newBuilder().setQueueId(queue).addItems(payload(handles));
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return RpcCalls.unary(queueCalls.putItems(request.build()), done -> CoreCalls.nothing());
  }

  @Override
  public Call<List<String>> take(String queue, String session, @Nullable Duration timeout) {
    TakeItemsRequest.Builder request =
        TakeItemsRequest.newBuilder().setQueueId(queue).setSessionId(session);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return RpcCalls.unary(
        queueCalls.takeItems(request.build()),
        taken -> taken.getItemsList().stream().map(LeasedItem::getToken).toList());
  }

  @Override
  public void ack(String queue, List<String> tokens) {
    AckItemsResponse unused =
        queues.ackItems(
            AckItemsRequest.newBuilder().setQueueId(queue).addAllTokens(tokens).build());
  }

  @Override
  public void giveUp(String queue, List<String> tokens) {
    ReleaseItemsResponse unused =
        queues.releaseItems(
            ReleaseItemsRequest.newBuilder()
                .setQueueId(queue)
                .addAllTokens(tokens)
                .setGiveUp(true)
                .build());
  }

  @Override
  public void clearDeadLetters(String queue) {
    ClearQueueResponse unused =
        queues.clearQueue(
            ClearQueueRequest.newBuilder().setQueueId(queue).setDeadLetters(true).build());
  }

  @Override
  public Call<Void> send(String pipe, End end, String session, Handle... handles) {
    SendMessagesRequest request =
        SendMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(side(end))
            .setSessionId(session)
            .addMessages(payload(handles))
            .build();
    return RpcCalls.unary(pipeCalls.sendMessages(request), done -> CoreCalls.nothing());
  }

  @Override
  public Call<Received> receive(String pipe, End end, String session, @Nullable Duration timeout) {
    ReceiveMessagesRequest.Builder request =
        ReceiveMessagesRequest.newBuilder()
            .setPipeId(pipe)
            .setSide(side(end))
            .setSessionId(session);
    if (timeout != null) {
      request.setTimeout(RpcCalls.wire(timeout));
    }
    return RpcCalls.unary(
        pipeCalls.receiveMessages(request.build()),
        got ->
            new Received(
                got.getMessagesList().stream().map(Payload::getJson).toList(),
                got.getTimedOut(),
                got.getEnd()));
  }

  @Override
  public void close(String pipe, End end, String session) {
    ClosePipeEndResponse unused =
        pipes.closePipeEnd(
            ClosePipeEndRequest.newBuilder()
                .setPipeId(pipe)
                .setSide(side(end))
                .setSessionId(session)
                .build());
  }

  @Override
  public int waiting() {
    return SystemServiceGrpc.newBlockingStub(channel)
        .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
        .getCounts()
        .getWaitingCalls();
  }
}
