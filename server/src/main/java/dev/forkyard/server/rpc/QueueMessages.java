package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.queue.Drained;
import dev.forkyard.server.queue.ItemDeath;
import dev.forkyard.server.queue.LostTaker;
import dev.forkyard.server.queue.Peeked;
import dev.forkyard.server.queue.PeekedItem;
import dev.forkyard.server.queue.QueueOptions;
import dev.forkyard.server.queue.QueueSnapshot;
import dev.forkyard.server.queue.ReleaseRequest;
import dev.forkyard.server.queue.TakeRequest;
import dev.forkyard.server.queue.Taken;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.DeathCause;
import dev.forkyard.v1.LeasedItem;
import dev.forkyard.v1.PeekItemsResponse;
import dev.forkyard.v1.QueueInfo;
import dev.forkyard.v1.QueueItem;
import dev.forkyard.v1.ReleaseItemsRequest;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.TakeItemsResponse;
import dev.forkyard.v1.WaitDrainedResponse;

/** Queues on the wire. */
final class QueueMessages {
  private QueueMessages() {}

  static QueueOptions options(CreateQueueRequest request) {
    return QueueOptions.of(
        request.getCapacity(),
        request.getCapacityBytes(),
        request.getMaxPriority(),
        request.getDeadAfterCrashes(),
        request.getDeadAfterReleases());
  }

  static TakeRequest.Mode mode(TakeItemsRequest request) {
    if (request.getAutoAck()) {
      return TakeRequest.Mode.AUTO_ACK;
    }
    return request.getAhead() ? TakeRequest.Mode.AHEAD : TakeRequest.Mode.WORK;
  }

  static ReleaseRequest.Mode mode(ReleaseItemsRequest request) {
    if (request.getGiveUp() && request.getUnused()) {
      throw Fault.invalid("give_up", "Items are either given up or unused; set one of the two.");
    }
    if (request.getGiveUp()) {
      return ReleaseRequest.Mode.GIVE_UP;
    }
    return request.getUnused() ? ReleaseRequest.Mode.UNUSED : ReleaseRequest.Mode.RELEASE;
  }

  static QueueInfo wire(QueueSnapshot queue) {
    QueueOptions options = queue.options();
    QueueSnapshot.Counts counts = queue.counts();
    return QueueInfo.newBuilder()
        .setQueueId(queue.id())
        .setCapacity(options.capacity())
        .setCapacityBytes(options.capacityBytes())
        .setMaxPriority(options.maxPriority())
        .setDeadAfterCrashes(options.deadAfterCrashes())
        .setDeadAfterReleases(options.deadAfterReleases())
        .setOwnerSessionId(queue.ownerSessionId())
        .setReady(counts.ready())
        .setLeased(counts.leased())
        .setReadyBytes(counts.readyBytes())
        .setDeadLetters(counts.deadLetters())
        .setDeadLetterBytes(counts.deadLetterBytes())
        .setDeadLettersDropped(counts.droppedDeadLetters())
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
              .setNumber(item.number())
              .setPayload(Payloads.wire(item.payload()))
              .setPriority(item.priority())
              .putAllAttributes(item.attributes())
              .setAttempt(item.attempt()));
    }
    return response.build();
  }

  static PeekItemsResponse wire(Peeked peeked) {
    PeekItemsResponse.Builder response =
        PeekItemsResponse.newBuilder()
            .setTimedOut(peeked.timedOut())
            .setEnd(peeked.end())
            .setNextPageToken(peeked.nextToken());
    peeked.items().forEach(item -> response.addItems(wire(item)));
    return response.build();
  }

  private static QueueItem wire(PeekedItem item) {
    QueueItem.Builder wire =
        QueueItem.newBuilder()
            .setNumber(item.number())
            .setPayload(Payloads.wire(item.payload()))
            .setPriority(item.priority())
            .putAllAttributes(item.attributes())
            .setAttempts(item.attempts())
            .setReleases(item.releases())
            .setCrashCount(item.crashes());
    item.lastCrashes().forEach(taker -> wire.addCrashes(wire(taker)));
    if (item.death() != null) {
      wire.setDeath(wire(item.death()));
    }
    return wire.build();
  }

  private static dev.forkyard.v1.LostTaker wire(LostTaker taker) {
    return dev.forkyard.v1.LostTaker.newBuilder()
        .setSessionId(taker.sessionId())
        .setProcessId(taker.processId())
        .setHow(taker.how())
        .setTime(Times.wire(taker.time()))
        .build();
  }

  private static dev.forkyard.v1.ItemDeath wire(ItemDeath death) {
    return dev.forkyard.v1.ItemDeath.newBuilder()
        .setCause(wire(death.cause()))
        .setReason(death.reason())
        .setTime(Times.wire(death.time()))
        .build();
  }

  private static DeathCause wire(ItemDeath.Cause cause) {
    return switch (cause) {
      case CRASHES -> DeathCause.DEATH_CAUSE_CRASHES;
      case RELEASES -> DeathCause.DEATH_CAUSE_RELEASES;
      case GIVEN_UP -> DeathCause.DEATH_CAUSE_GIVEN_UP;
    };
  }

  static WaitDrainedResponse wire(Drained drained) {
    return WaitDrainedResponse.newBuilder()
        .setTimedOut(drained.timedOut())
        .setUnfinished(drained.unfinished())
        .setDied(drained.died())
        .build();
  }
}
