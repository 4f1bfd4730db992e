package dev.forkyard.client;

import dev.forkyard.v1.GetQueueRequest;
import dev.forkyard.v1.GetQueueResponse;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueServiceGrpc;
import io.grpc.stub.StreamObserver;

/** Says that every queue has room for 100 items and 1 MiB. */
final class FakeQueues extends QueueServiceGrpc.QueueServiceImplBase {
  @Override
  public void getQueue(GetQueueRequest request, StreamObserver<GetQueueResponse> answer) {
    QueueInfo queue = QueueInfo.newBuilder().setCapacity(100).setCapacityBytes(1 << 20).build();
    answer.onNext(GetQueueResponse.newBuilder().setQueue(queue).build());
    answer.onCompleted();
  }
}
