package dev.forkyard.server.rpc;

import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.CloseQueueRequest;
import dev.forkyard.v1.CloseQueueResponse;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.CreateQueueResponse;
import dev.forkyard.v1.DeleteQueueRequest;
import dev.forkyard.v1.DeleteQueueResponse;
import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.GetQueueResponse;
import dev.forkyard.v1.ListQueuesRequest;
import dev.forkyard.v1.ListQueuesResponse;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.PutItemsResponse;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.ReleaseItemsResponse;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import io.grpc.stub.StreamObserver;

/** QueueService. */
final class QueueEndpoint extends QueueServiceGrpc.QueueServiceImplBase {
  private final UnaryCalls calls;
  private final QueueManager queues;
  private final HotOperations operations;
  private final Sessions sessions;
  private final Caller unary;

  QueueEndpoint(
      UnaryCalls calls, QueueManager queues, HotOperations operations, Sessions sessions) {
    this.calls = calls;
    this.queues = queues;
    this.operations = operations;
    this.sessions = sessions;
    this.unary = new Caller(sessions, null);
  }

  @Override
  public void createQueue(
      CreateQueueRequest request, StreamObserver<CreateQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
          QueueOptions options = QueueOptions.of(request.getCapacity(), request.getCapacityBytes());
          QueueInfo queue = QueueMessages.wire(queues.create(request.getQueueId(), options, owner));
          reply.answer(CreateQueueResponse.newBuilder().setQueue(queue).build());
        });
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
  public void ackItems(AckItemsRequest request, StreamObserver<AckItemsResponse> observer) {
    calls.run(observer, reply -> operations.ackItems(request, reply));
  }

  @Override
  public void releaseItems(
      ReleaseItemsRequest request, StreamObserver<ReleaseItemsResponse> observer) {
    calls.run(observer, reply -> operations.releaseItems(request, reply));
  }

  @Override
  public void closeQueue(CloseQueueRequest request, StreamObserver<CloseQueueResponse> observer) {
    calls.run(
        observer,
        reply -> {
          QueueInfo queue = QueueMessages.wire(queues.close(request.getQueueId()));
          reply.answer(CloseQueueResponse.newBuilder().setQueue(queue).build());
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
