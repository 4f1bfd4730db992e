package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pipe.PipeManager;
import dev.forkyard.server.pipe.ReceiveRequest;
import dev.forkyard.server.queue.PeekRequest;
import dev.forkyard.server.queue.Place;
import dev.forkyard.server.queue.PutRequest;
import dev.forkyard.server.queue.QueueManager;
import dev.forkyard.server.queue.ReleaseRequest;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.v1.AckItemsRequest;
import dev.forkyard.v1.AckItemsResponse;
import dev.forkyard.v1.ExtendLeasesRequest;
import dev.forkyard.v1.ExtendLeasesResponse;
import dev.forkyard.v1.PeekItemsRequest;
import dev.forkyard.v1.PeekItemsResponse;
import dev.forkyard.v1.PollPipeRequest;
import dev.forkyard.v1.PollPipeResponse;
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
import dev.forkyard.v1.WaitDrainedRequest;
import dev.forkyard.v1.WaitDrainedResponse;
import java.time.Duration;

/**
 * The operations that have two carriers, unary calls and the session stream. Each may throw a fault
 * instead of refusing later.
 */
final class HotOperations {
  private final QueueManager queues;
  private final PipeManager pipes;
  private final RequestMemory<Done> puts;
  private final RequestMemory<Done> sends;

  HotOperations(QueueManager queues, PipeManager pipes, Scheduler scheduler, WaiterLimit waiters) {
    this.queues = queues;
    this.pipes = pipes;
    this.puts = RequestMemory.usual(scheduler, waiters, RequestMemory.Answers.DONE);
    this.sends = RequestMemory.usual(scheduler, waiters, RequestMemory.Answers.DONE);
  }

  void putItems(PutItemsRequest request, Reply<PutItemsResponse> reply) {
    puts.run(
        request.getRequestId(),
        request,
        reply.from(done -> PutItemsResponse.getDefaultInstance()),
        first -> put(request, first));
  }

  private void put(PutItemsRequest request, Reply<Done> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    PutRequest put =
        PutRequest.of(
            Payloads.all("items", request.getItemsList()),
            request.getPriority(),
            request.getAttributesMap(),
            timeout);
    queues.put(request.getQueueId(), put, reply);
  }

  void takeItems(TakeItemsRequest request, Caller caller, Reply<TakeItemsResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    Duration lease =
        request.hasLease() ? Times.duration("lease", request.getLease()) : caller.defaultLease();
    TakeRequest take =
        new TakeRequest(
            request.getMaxItems() == 0 ? 1 : request.getMaxItems(),
            request.getNumber(),
            timeout,
            caller.session(request.getSessionId()),
            lease,
            QueueMessages.mode(request));
    queues.take(request.getQueueId(), take, reply.from(QueueMessages::wire));
  }

  void peekItems(PeekItemsRequest request, Reply<PeekItemsResponse> reply) {
    PeekRequest peek =
        new PeekRequest(
            request.getMaxItems() == 0 ? 1 : request.getMaxItems(),
            Times.timeout(request.hasTimeout(), request.getTimeout()),
            request.getDeadLetters(),
            Place.parse(request.getPageToken()));
    queues.peek(request.getQueueId(), peek, reply.from(QueueMessages::wire));
  }

  void ackItems(AckItemsRequest request, Reply<AckItemsResponse> reply) {
    queues.ack(request.getQueueId(), request.getTokensList());
    reply.answer(AckItemsResponse.getDefaultInstance());
  }

  void releaseItems(ReleaseItemsRequest request, Reply<ReleaseItemsResponse> reply) {
    queues.release(
        request.getQueueId(),
        new ReleaseRequest(
            request.getTokensList(), QueueMessages.mode(request), request.getReason()));
    reply.answer(ReleaseItemsResponse.getDefaultInstance());
  }

  void extendLeases(ExtendLeasesRequest request, Reply<ExtendLeasesResponse> reply) {
    Duration lease =
        request.hasLease() ? Times.duration("lease", request.getLease()) : Caller.UNARY_LEASE;
    queues.extend(request.getQueueId(), request.getTokensList(), lease);
    reply.answer(ExtendLeasesResponse.getDefaultInstance());
  }

  void waitDrained(WaitDrainedRequest request, Reply<WaitDrainedResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    queues.awaitDrained(request.getQueueId(), timeout, reply.from(QueueMessages::wire));
  }

  void sendMessages(SendMessagesRequest request, Caller caller, Reply<SendMessagesResponse> reply) {
    sends.run(
        request.getRequestId(),
        request,
        reply.from(done -> SendMessagesResponse.getDefaultInstance()),
        first -> send(request, caller, first));
  }

  private void send(SendMessagesRequest request, Caller caller, Reply<Done> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    pipes.send(
        request.getPipeId(),
        PipeMessages.side(request.getSide()),
        caller.session(request.getSessionId()),
        Payloads.all("messages", request.getMessagesList()),
        timeout,
        reply);
  }

  void receiveMessages(
      ReceiveMessagesRequest request, Caller caller, Reply<ReceiveMessagesResponse> reply) {
    Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
    pipes.receive(
        request.getPipeId(),
        PipeMessages.side(request.getSide()),
        caller.session(request.getSessionId()),
        ReceiveRequest.of(request.getMaxMessages(), request.getMaxBytes(), timeout),
        reply.from(PipeMessages::wire));
  }

  void pollPipe(PollPipeRequest request, Caller caller, Reply<PollPipeResponse> reply) {
    pipes.poll(
        request.getPipeId(),
        PipeMessages.side(request.getSide()),
        caller.session(request.getSessionId()),
        Times.timeout(request.hasTimeout(), request.getTimeout()),
        reply.from(PipeMessages::wire));
  }
}
