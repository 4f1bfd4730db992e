package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Reply;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.ClearQueueResponse;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.CloseQueueResponse;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.CreateQueueResponse;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.DeleteQueueResponse;
import dev.forkyard.v1.ExtendLeasesRequest;
import dev.forkyard.v1.ExtendLeasesResponse;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.GetQueueResponse;
import dev.forkyard.v1.LeaveQueueRequest;
import dev.forkyard.v1.LeaveQueueResponse;
import dev.forkyard.v1.ListQueuesRequest;
import dev.forkyard.v1.ListQueuesResponse;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.PeekItemsResponse;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.PutItemsResponse;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.ReleaseItemsResponse;
import dev.forkyard.v1.RestoreItemsRequest;
import dev.forkyard.v1.RestoreItemsResponse;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import dev.forkyard.v1.WaitDrainedRequest;
import dev.forkyard.v1.WaitDrainedResponse;
import io.grpc.stub.StreamObserver;
import java.util.Set;

/** QueueService. */
final class QueueEndpoint extends QueueServiceGrpc.QueueServiceImplBase {
  private final UnaryCalls calls;
  private final QueueManager queues;
  private final HotOperations operations;
  private final Sessions sessions;
  private final Caller unary;
  private final RequestMemory<QueueSnapshot> creations;

  QueueEndpoint(UnaryCalls calls, HotOperations operations, Yard yard) {
    this.calls = calls;
    this.operations = operations;
    queues = yard.queues();
    sessions = yard.sessions();
    unary = new Caller(sessions, null);
    creations =
        RequestMemory.usual(
            yard.scheduler(),
            yard.waiters(),
            new RequestMemory.Answers<>(
                queues::asItIsNow, queue -> QueueMessages.wire(queue).getSerializedSize()));
  }

  @Override
  public void createQueue(
      CreateQueueRequest request, StreamObserver<CreateQueueResponse> observer) {
    calls.run(
        observer,
        reply ->
            creations.run(
                request.getRequestId(),
                request,
                reply.from(
                    queue ->
                        CreateQueueResponse.newBuilder()
                            .setQueue(QueueMessages.wire(queue))
                            .build()),
                first -> create(request, first)));
  }

  private void create(CreateQueueRequest request, Reply<QueueSnapshot> reply) {
    Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
    reply.answer(queues.create(request.getQueueId(), QueueMessages.options(request), owner));
  }

  @Override
  public void getQueue(GetQueueRequest request, StreamObserver<GetQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          QueueInfo queue = QueueMessages.wire(queues.get(request.getQueueId()));
          reply.answer(GetQueueResponse.newBuilder().setQueue(queue).build());
        });
  }

  @Override
  public void listQueues(ListQueuesRequest request, StreamObserver<ListQueuesResponse> observer) {
    calls.run(
        observer,
        reply -> {
          var page = queues.list(request.getPageSize(), request.getPageToken());
          ListQueuesResponse.Builder response =
              ListQueuesResponse.newBuilder().setNextPageToken(page.nextToken());
          for (QueueSnapshot queue : page.items()) {
            response.addQueues(QueueMessages.wire(queue));
          }
          reply.answer(response.build());
        });
  }

  @Override
  public void putItems(PutItemsRequest request, StreamObserver<PutItemsResponse> observer) {
    calls.run(observer, reply -> operations.putItems(request, reply));
  }

  @Override
  public void takeItems(TakeItemsRequest request, StreamObserver<TakeItemsResponse> observer) {
    calls.run(observer, reply -> operations.takeItems(request, unary, reply));
  }

  @Override
  public void peekItems(PeekItemsRequest request, StreamObserver<PeekItemsResponse> observer) {
    calls.run(observer, reply -> operations.peekItems(request, reply));
  }

  @Override
  public void ackItems(AckItemsRequest request, StreamObserver<AckItemsResponse> observer) {
    calls.run(observer, reply -> operations.ackItems(request, reply));
  }

  @Override
  public void releaseItems(
      ReleaseItemsRequest request, StreamObserver<ReleaseItemsResponse> observer) {
    calls.run(observer, reply -> operations.releaseItems(request, reply));
  }

  @Override
  public void extendLeases(
      ExtendLeasesRequest request, StreamObserver<ExtendLeasesResponse> observer) {
    calls.run(observer, reply -> operations.extendLeases(request, reply));
  }

  @Override
  public void waitDrained(
      WaitDrainedRequest request, StreamObserver<WaitDrainedResponse> observer) {
    calls.run(observer, reply -> operations.waitDrained(request, reply));
  }

  @Override
  public void closeQueue(CloseQueueRequest request, StreamObserver<CloseQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          QueueInfo queue =
              QueueMessages.wire(queues.close(request.getQueueId(), request.getImmediate()));
          reply.answer(CloseQueueResponse.newBuilder().setQueue(queue).build());
        });
  }

  @Override
  public void leaveQueue(LeaveQueueRequest request, StreamObserver<LeaveQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          queues.leave(request.getQueueId(), sessions.get(request.getSessionId()));
          reply.answer(LeaveQueueResponse.getDefaultInstance());
        });
  }

  @Override
  public void clearQueue(ClearQueueRequest request, StreamObserver<ClearQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          int cleared = queues.clear(request.getQueueId(), request.getDeadLetters());
          reply.answer(ClearQueueResponse.newBuilder().setCleared(cleared).build());
        });
  }

  @Override
  public void restoreItems(
      RestoreItemsRequest request, StreamObserver<RestoreItemsResponse> observer) {
    calls.run(
        observer,
        reply -> {
          int restored = queues.restore(request.getQueueId(), Set.copyOf(request.getNumbersList()));
          reply.answer(RestoreItemsResponse.newBuilder().setRestored(restored).build());
        });
  }

  @Override
  public void deleteQueue(
      DeleteQueueRequest request, StreamObserver<DeleteQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          QueueInfo queue = QueueMessages.wire(queues.delete(request.getQueueId()));
          reply.answer(DeleteQueueResponse.newBuilder().setQueue(queue).build());
        });
  }
}
