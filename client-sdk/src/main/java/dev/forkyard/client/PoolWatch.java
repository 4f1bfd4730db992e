package dev.forkyard.client;

import dev.forkyard.client.internal.AnswerStream;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchPoolResponse;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows the state of a pool: how it is, then again when it has changed, until it has ended. Made
 * by {@link ProcessPool#watch()}. Thread-safe; each state is answered once.
 */
public final class PoolWatch implements AutoCloseable {
  private static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
  private static final Duration MOST_INTERVAL = Duration.ofHours(1);

  private final AnswerStream<WatchPoolResponse> answers;

  private PoolWatch(AnswerStream<WatchPoolResponse> answers) {
    this.answers = answers;
  }

  static PoolWatch open(Wire wire, String poolId, Duration interval) {
    if (interval.compareTo(LEAST_INTERVAL) < 0 || interval.compareTo(MOST_INTERVAL) > 0) {
      throw new IllegalArgumentException(
          "a pool can be watched every 100 milliseconds to 1 hour, not every " + interval);
    }
    return new PoolWatch(
        wire.open(
            PoolServiceGrpc.getWatchPoolMethod(),
            WatchPoolRequest.newBuilder()
                .setPoolId(poolId)
                .setInterval(Protos.duration(interval))
                .build()));
  }

  /**
   * Waits for the next state.
   *
   * @return the state
   * @throws NoSuchElementException after the state in which the pool has ended
   * @throws ForkyardException with reason POOL_NOT_FOUND; STREAM_CLOSED after {@link #close};
   *     CONNECTION_LOST if the daemon went away
   * @throws InterruptedException if interrupted; no state was taken then
   */
  public PoolStats next() throws InterruptedException {
    return take(null).orElseThrow(PoolWatch::ended);
  }

  /**
   * Waits for the next state no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the state; empty if none came in time
   * @throws NoSuchElementException after the state in which the pool has ended
   * @throws ForkyardException as {@link #next()}
   * @throws InterruptedException if interrupted; no state was taken then
   */
  public Optional<PoolStats> next(Duration timeout) throws InterruptedException {
    Optional<PoolStats> state = take(timeout);
    if (state.isEmpty() && answers.isAtEnd()) {
      throw ended();
    }
    return state;
  }

  /** Ends the watch; who waits is refused with STREAM_CLOSED. Closing again does nothing. */
  @Override
  public void close() {
    answers.close();
  }

  private Optional<PoolStats> take(@Nullable Duration timeout) throws InterruptedException {
    try {
      return Optional.ofNullable(answers.next(timeout))
          .map(answer -> PoolStats.of(answer.getPool()));
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static NoSuchElementException ended() {
    return new NoSuchElementException("the pool has ended, and its last state was told");
  }
}
