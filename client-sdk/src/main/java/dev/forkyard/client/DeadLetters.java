package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.v1.ClearQueueRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.RestoreItemsRequest;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * The items of a queue that nobody is given any more, because they killed their takers, were given
 * back too often, or were given up. They are kept until they are restored or cleared, the last
 * 1,000 of them and 16 MiB at most. Thread-safe.
 *
 * @param <T> type of the items
 */
public final class DeadLetters<T> {
  private final Wire wire;
  private final String queueId;
  private final Function<Payload, T> decoder;

  DeadLetters(Wire wire, String queueId, Function<Payload, T> decoder) {
    this.wire = wire;
    this.queueId = queueId;
    this.decoder = decoder;
  }

  /** {@return the dead letters, in the order in which they died} */
  public List<DeadLetter<T>> list() {
    return PeekedItems.dead(wire, queueId).stream()
        .map(item -> new DeadLetter<>(queueId, item, decoder))
        .toList();
  }

  /**
   * Puts dead letters back to their old places in the queue, as if nobody had taken them. Those
   * that are no dead letters of the queue any more are left out. A closed queue refuses that with
   * QUEUE_CLOSED.
   *
   * @param letters which ones
   * @return how many were restored
   * @throws IllegalArgumentException if one is of another queue; none is restored then
   */
  @CanIgnoreReturnValue
  public int restore(Collection<DeadLetter<T>> letters) {
    letters.forEach(this::checkIsOfThisQueue);
    return letters.isEmpty()
        ? 0
        : restoreNumbers(letters.stream().map(DeadLetter::number).toList());
  }

  /**
   * Puts all dead letters back to their old places in the queue, as if nobody had taken them. A
   * closed queue refuses that with QUEUE_CLOSED.
   *
   * @return how many were restored
   */
  @CanIgnoreReturnValue
  public int restoreAll() {
    return restoreNumbers(List.of());
  }

  /**
   * Drops all dead letters.
   *
   * @return how many were dropped
   */
  @CanIgnoreReturnValue
  public int clear() {
    return wire.call(
            QueueServiceGrpc.getClearQueueMethod(),
            ClearQueueRequest.newBuilder().setQueueId(queueId).setDeadLetters(true).build())
        .getCleared();
  }

  private void checkIsOfThisQueue(DeadLetter<T> letter) {
    if (!letter.queueId().equals(queueId)) {
      throw new IllegalArgumentException(letter + " cannot be restored to the queue " + queueId);
    }
  }

  private int restoreNumbers(List<Long> numbers) {
    return wire.call(
            QueueServiceGrpc.getRestoreItemsMethod(),
            RestoreItemsRequest.newBuilder().setQueueId(queueId).addAllNumbers(numbers).build())
        .getRestored();
  }
}
