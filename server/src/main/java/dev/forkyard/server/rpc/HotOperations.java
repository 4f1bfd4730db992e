package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.PutItemsRequest;
import dev.forkyard.v1.PutItemsResponse;
import dev.forkyard.v1.ReceiveMessagesRequest;
import dev.forkyard.v1.ReceiveMessagesResponse;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.ReleaseItemsResponse;
import dev.forkyard.v1.SendMessagesRequest;
import dev.forkyard.v1.SendMessagesResponse;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The operations that have two carriers, unary calls and the session stream. Each may throw a fault
 * instead of refusing later.
 */
final class HotOperations {
  private final QueueManager queues;
  private final PipeManager pipes;

  HotOperations(QueueManager queues, PipeManager pipes) {
    this.queues = queues;
    this.pipes = pipes;
  }

  void putItems(PutItemsRequest request, Reply<PutItemsResponse> reply) {
    Duration timeout = request.hasTimeout() ? timeout(request.getTimeout()) : null;
    Reply<Done> done = reply.from(ok -> PutItemsResponse.getDefaultInstance());
    queues.put(request.getQueueId(), Payloads.all("items", request.getItemsList()), timeout, done);
  }

  void takeItems(TakeItemsRequest request, Caller caller, Reply<TakeItemsResponse> reply) {
    Duration timeout = request.hasTimeout() ? timeout(request.getTimeout()) : null;
    Duration lease =
        request.hasLease() ? Times.duration("lease", request.getLease()) : caller.defaultLease();
    TakeRequest take =
        new TakeRequest(
            request.getMaxItems() == 0 ? 1 : request.getMaxItems(),
            timeout,
            caller.session(request.getSessionId()),
            lease,
            request.getAutoAck());
    queues.take(request.getQueueId(), take, reply.from(QueueMessages::wire));
  }

  void ackItems(AckItemsRequest request, Reply<AckItemsResponse> reply) {
    queues.ack(request.getQueueId(), request.getTokensList());
    reply.answer(AckItemsResponse.getDefaultInstance());
  }

  void releaseItems(ReleaseItemsRequest request, Reply<ReleaseItemsResponse> reply) {
    queues.release(request.getQueueId(), request.getTokensList());
    reply.answer(ReleaseItemsResponse.getDefaultInstance());
  }

  void sendMessages(SendMessagesRequest request, Caller caller, Reply<SendMessagesResponse> reply) {
    Duration timeout = request.hasTimeout() ? timeout(request.getTimeout()) : null;
    Reply<Done> done = reply.from(ok -> SendMessagesResponse.getDefaultInstance());
    pipes.send(
        request.getPipeId(),
        PipeMessages.side(request.getSide()),
        caller.session(request.getSessionId()),
        Payloads.all("messages", request.getMessagesList()),
        timeout,
        done);
  }

  void receiveMessages(
      ReceiveMessagesRequest request, Caller caller, Reply<ReceiveMessagesResponse> reply) {
    Duration timeout = request.hasTimeout() ? timeout(request.getTimeout()) : null;
    pipes.receive(
        request.getPipeId(),
        PipeMessages.side(request.getSide()),
        caller.session(request.getSessionId()),
        request.getMaxMessages() == 0 ? 1 : request.getMaxMessages(),
        timeout,
        reply.from(PipeMessages::wire));
  }

  private static @Nullable Duration timeout(com.google.protobuf.Duration wire) {
    return Times.duration("timeout", wire);
  }
}
