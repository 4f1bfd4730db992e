package dev.forkyard.client;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.DeathCause;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.QueueItem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * An item that nobody is given any more, with what is known of those who had it. Immutable.
 *
 * @param <T> type of the item
 */
public final class DeadLetter<T> {
  private final String queueId;
  private final QueueItem item;
  private final Function<Payload, T> decoder;

  DeadLetter(String queueId, QueueItem item, Function<Payload, T> decoder) {
    this.queueId = queueId;
    this.item = item;
    this.decoder = decoder;
  }

  /** Why an item is a dead letter. */
  public enum Cause {
    /** Its takers died as often as the {@linkplain QueueOptions#deadAfterCrashes queue allows}. */
    CRASHES,
    /**
     * It was given back as often as the {@linkplain QueueOptions#deadAfterReleases queue allows}.
     */
    RELEASES,
    /** A taker {@linkplain Lease#deadLetter gave it up}. */
    GIVEN_UP
  }

  /**
   * A taker that had the item and did not acknowledge it.
   *
   * @param sessionId its session; empty for a caller without one
   * @param processId its process; empty if the daemon has not started it
   * @param how how it was lost, in words
   * @param time when
   */
  public record LostTaker(
      Optional<String> sessionId, Optional<String> processId, String how, Instant time) {
    private static LostTaker of(dev.forkyard.v1.LostTaker taker) {
      return new LostTaker(
          named(taker.getSessionId()),
          named(taker.getProcessId()),
          taker.getHow(),
          Protos.instant(taker.getTime()));
    }

    private static Optional<String> named(String id) {
      return Optional.of(id).filter(name -> !name.isEmpty());
    }
  }

  /**
   * Decodes the item.
   *
   * @return the item
   * @throws ForkyardException with reason NOT_CONVERTIBLE or NULL_ITEM if it is no {@code T}
   */
  public T value() {
    return decoder.apply(item.getPayload());
  }

  /** {@return the number of the item, unique in its queue} */
  public long number() {
    return item.getNumber();
  }

  /** {@return the priority of the item} */
  public int priority() {
    return item.getPriority();
  }

  /** {@return what its sender said of the item, by key} */
  public Map<String, String> attributes() {
    return item.getAttributesMap();
  }

  /** {@return why it is a dead letter} */
  public Cause cause() {
    DeathCause cause = item.getDeath().getCause();
    return switch (cause) {
      case DEATH_CAUSE_CRASHES -> Cause.CRASHES;
      case DEATH_CAUSE_RELEASES -> Cause.RELEASES;
      case DEATH_CAUSE_GIVEN_UP -> Cause.GIVEN_UP;
      case DEATH_CAUSE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("the daemon gives a cause that this SDK does not know");
    };
  }

  /** {@return what the taker said who gave it up; empty for other causes} */
  public String reason() {
    return item.getDeath().getReason();
  }

  /** {@return when it became a dead letter} */
  public Instant time() {
    return Protos.instant(item.getDeath().getTime());
  }

  /** {@return how often it was taken} */
  public int attempts() {
    return item.getAttempts();
  }

  /** {@return how often it was given back on purpose} */
  public int releases() {
    return item.getReleases();
  }

  /** {@return the takers that died with it, first to last; no more than the last ten} */
  public List<LostTaker> crashes() {
    return item.getCrashesList().stream().map(LostTaker::of).toList();
  }

  /** The queue that it was in. */
  String queueId() {
    return queueId;
  }

  @Override
  public String toString() {
    return "DeadLetter[item "
        + number()
        + " of "
        + queueId
        + ", "
        + cause()
        + " after "
        + attempts()
        + " attempts]";
  }
}
