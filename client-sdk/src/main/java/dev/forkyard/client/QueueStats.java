package dev.forkyard.client;

import dev.forkyard.v1.QueueInfo;

/**
 * The state of a queue at one moment. Items that were sent ahead to other processes count as
 * leased.
 *
 * @param id its id
 * @param capacity most items that may be ready
 * @param capacityBytes most bytes of items that may be ready
 * @param maxPriority its highest priority; 0 for one that is first-in-first-out
 * @param deadAfterCrashes which loss by its takers makes an item a dead letter
 * @param deadAfterReleases which give-back makes an item a dead letter; 0 for none
 * @param ready items ready to be taken
 * @param readyBytes their bytes
 * @param leased items taken and not yet acknowledged
 * @param waitingTakers calls that wait for an item
 * @param waitingPutters calls that wait for room
 * @param deadLetters dead letters that are kept
 * @param deadLettersDropped dead letters that are not kept any more, because there were too many
 * @param shutDown whether it takes no more items
 */
public record QueueStats(
    String id,
    int capacity,
    long capacityBytes,
    int maxPriority,
    int deadAfterCrashes,
    int deadAfterReleases,
    int ready,
    long readyBytes,
    int leased,
    int waitingTakers,
    int waitingPutters,
    int deadLetters,
    long deadLettersDropped,
    boolean shutDown) {

  static QueueStats of(QueueInfo info) {
    return new QueueStats(
        info.getQueueId(),
        info.getCapacity(),
        info.getCapacityBytes(),
        info.getMaxPriority(),
        info.getDeadAfterCrashes(),
        info.getDeadAfterReleases(),
        info.getReady(),
        info.getReadyBytes(),
        info.getLeased(),
        info.getWaitingTakers(),
        info.getWaitingPutters(),
        info.getDeadLetters(),
        info.getDeadLettersDropped(),
        info.getClosed());
  }
}
