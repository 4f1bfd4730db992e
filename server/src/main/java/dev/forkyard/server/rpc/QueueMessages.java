package dev.forkyard.server.rpc;

import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.queue.Taken;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.TakeItemsResponse;

/** Queues on the wire. */
final class QueueMessages {
  private QueueMessages() {}

  static QueueInfo wire(QueueSnapshot queue) {
    return QueueInfo.newBuilder()
        .setQueueId(queue.id())
        .setCapacity(queue.options().capacity())
        .setCapacityBytes(queue.options().capacityBytes())
        .setOwnerSessionId(queue.ownerSessionId())
        .setReady(queue.ready())
        .setLeased(queue.leased())
        .setReadyBytes(queue.readyBytes())
        .setClosed(queue.closed())
        .setWaitingTakers(queue.waitingTakers())
        .setWaitingPutters(queue.waitingPutters())
        .build();
  }

  static TakeItemsResponse wire(Taken taken) {
    TakeItemsResponse.Builder response =
        TakeItemsResponse.newBuilder().setTimedOut(taken.timedOut()).setEnd(taken.end());
    for (Taken.TakenItem item : taken.items()) {
      response.addItems(
          LeasedItem.newBuilder()
              .setToken(item.token())
              .setPayload(Payloads.wire(item.payload()))
              .setAttempt(item.attempt()));
    }
    return response.build();
  }
}
