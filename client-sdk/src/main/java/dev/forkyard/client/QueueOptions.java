package dev.forkyard.client;

import dev.forkyard.v1.CreateQueueRequest;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * How a queue is made. Immutable: each method answers a changed copy, and refuses a value that
 * makes no sense with an {@link IllegalArgumentException}. What is larger than the daemon takes, it
 * refuses with INVALID_ARGUMENT when the queue is made.
 *
 * <p>Where nothing else is said, a queue has room for 10,000 items and 64 MiB, no priorities, and
 * gives an item up when its takers were lost three times.
 */
public final class QueueOptions {
  private static final QueueOptions DEFAULTS =
      new QueueOptions(CreateQueueRequest.getDefaultInstance());

  private final CreateQueueRequest request;

  private QueueOptions(CreateQueueRequest request) {
    this.request = request;
  }

  /** {@return the daemon's defaults} */
  public static QueueOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Limits the items that are ready. Those that somebody has taken do not count.
   *
   * @param items the limit, 1 to 10,000,000
   * @return the changed copy
   */
  public QueueOptions capacity(int items) {
    check(items >= 1, "a queue needs room for at least 1 item, not " + items);
    return with(changed -> changed.setCapacity(items));
  }

  /**
   * Limits the bytes of the items that are ready.
   *
   * @param bytes the limit, 1 to 1 GiB
   * @return the changed copy
   */
  public QueueOptions capacityBytes(long bytes) {
    check(bytes >= 1, "a queue needs room for at least 1 byte, not " + bytes);
    return with(changed -> changed.setCapacityBytes(bytes));
  }

  /**
   * Has items taken in the order of their {@linkplain PutOptions#priority(int) priorities}, highest
   * first; those of one priority in the order in which they were put.
   *
   * @param highest the highest priority, up to 9; 0 for a queue that is first-in-first-out
   * @return the changed copy
   */
  public QueueOptions maxPriority(int highest) {
    check(highest >= 0, "a priority cannot be " + highest);
    return with(changed -> changed.setMaxPriority(highest));
  }

  /**
   * Sets after how many losses by takers that die an item is a {@linkplain RemoteQueue#deadLetters
   * dead letter}; without that after 3.
   *
   * @param times which loss is the last, 1 to 1,000
   * @return the changed copy
   */
  public QueueOptions deadAfterCrashes(int times) {
    check(times >= 1, "an item is lost at least once before it is given up, not " + times);
    return with(changed -> changed.setDeadAfterCrashes(times));
  }

  /**
   * Sets after how many times that it was given back on purpose, as {@link Lease#nack} and a
   * handler of {@link RemoteQueue#forEach} that fails do, an item is a {@linkplain
   * RemoteQueue#deadLetters dead letter}; without that never.
   *
   * @param times which give-back is the last, 1 to 1,000,000
   * @return the changed copy
   */
  public QueueOptions deadAfterReleases(int times) {
    check(times >= 1, "an item can be given back at least once, not " + times);
    return with(changed -> changed.setDeadAfterReleases(times));
  }

  CreateQueueRequest toRequest(String id, String ownerSessionId) {
    return request.toBuilder()
        .setQueueId(id)
        .setOwnerSessionId(ownerSessionId)
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }

  private QueueOptions with(Consumer<CreateQueueRequest.Builder> change) {
    CreateQueueRequest.Builder changed = request.toBuilder();
    change.accept(changed);
    return new QueueOptions(changed.build());
  }

  private static void check(boolean ok, String sentence) {
    if (!ok) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
