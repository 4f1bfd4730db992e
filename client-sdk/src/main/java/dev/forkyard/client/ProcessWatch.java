package dev.forkyard.client;

import dev.forkyard.client.internal.AnswerStream;
import dev.forkyard.v1.ProcessEvent;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.WatchProcessesRequest;
import dev.forkyard.v1.WatchProcessesResponse;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells of processes: first which there are, then every change. Of one run {@link Kind#STARTED}
 * always comes before {@link Kind#EXITED}. Made by {@link Processes#watch()}.
 *
 * <p>Who takes events so slowly that the daemon forgets some before they could be sent is refused
 * with reason WATCH_TOO_SLOW. After that, or after a broken connection, a watch after {@link
 * #revision()} goes on. Thread-safe; each event is answered once.
 */
public final class ProcessWatch implements AutoCloseable {
  private final AnswerStream<WatchProcessesResponse> answers;
  private volatile long revision; // of the last answer that was taken; only grows

  private ProcessWatch(AnswerStream<WatchProcessesResponse> answers, long revision) {
    this.answers = answers;
    this.revision = revision;
  }

  /** What an event tells. */
  public enum Kind {
    /** One process of the list at the beginning. */
    LISTED,
    /** The list is complete; what was not listed does not exist. */
    LIST_COMPLETE,
    /** A run was started. */
    STARTED,
    /** The process was asked to end. */
    STOPPING,
    /** A run ended, or could not be started. */
    EXITED,
    /** The process was forgotten. */
    DELETED
  }

  /**
   * Something that happened.
   *
   * @param kind what
   * @param process the process as it was then; empty for {@link Kind#LIST_COMPLETE}
   * @param revision the revision that it led to
   */
  public record Event(Kind kind, Optional<ProcessSnapshot> process, long revision) {}

  static ProcessWatch open(Wire wire, WatchProcessesRequest request) {
    return new ProcessWatch(
        wire.open(ProcessServiceGrpc.getWatchProcessesMethod(), request),
        request.getAfterRevision());
  }

  /**
   * Waits for the next event.
   *
   * @return the event
   * @throws ForkyardException with reason WATCH_TOO_SLOW; STREAM_CLOSED after {@link #close};
   *     CONNECTION_LOST if the daemon went away
   * @throws InterruptedException if interrupted; no event was taken then
   */
  public Event next() throws InterruptedException {
    Event event = take(null);
    if (event == null) {
      throw Errors.of(
          ForkyardException.Code.UNAVAILABLE,
          "CONNECTION_LOST",
          "the daemon has ended the watch; connect again");
    }
    return event;
  }

  /**
   * Waits for the next event no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return the event; empty if none came in time
   * @throws ForkyardException as {@link #next()}
   * @throws InterruptedException if interrupted; no event was taken then
   */
  public Optional<Event> next(Duration timeout) throws InterruptedException {
    return Optional.ofNullable(take(timeout));
  }

  /** {@return the revision after which a later watch goes on where this one is} */
  public long revision() {
    return revision;
  }

  /** Ends the watch; who waits is refused with STREAM_CLOSED. Closing again does nothing. */
  @Override
  public void close() {
    answers.close();
  }

  /** Waits for an answer that is more than a sign of life; null if none came in time. */
  private @Nullable Event take(@Nullable Duration timeout) throws InterruptedException {
    long start = System.nanoTime();
    while (true) {
      Duration left = timeout == null ? null : timeout.minusNanos(System.nanoTime() - start);
      WatchProcessesResponse answer = receive(left);
      if (answer == null) {
        return null;
      }
      revision = Math.max(revision, answer.getRevision());
      Kind kind = kind(answer.getEvent());
      if (kind != null) {
        return new Event(kind, process(answer), answer.getRevision());
      }
    }
  }

  private @Nullable WatchProcessesResponse receive(@Nullable Duration timeout)
      throws InterruptedException {
    try {
      return answers.next(timeout);
    } catch (StatusRuntimeException e) {
      throw Errors.translate(e);
    }
  }

  private static Optional<ProcessSnapshot> process(WatchProcessesResponse answer) {
    return answer.hasProcess()
        ? Optional.of(ProcessSnapshot.of(answer.getProcess()))
        : Optional.empty();
  }

  private static @Nullable Kind kind(ProcessEvent event) {
    return switch (event) {
      case PROCESS_EVENT_LISTED -> Kind.LISTED;
      case PROCESS_EVENT_LIST_COMPLETE -> Kind.LIST_COMPLETE;
      case PROCESS_EVENT_STARTED -> Kind.STARTED;
      case PROCESS_EVENT_STOPPING -> Kind.STOPPING;
      case PROCESS_EVENT_EXITED -> Kind.EXITED;
      case PROCESS_EVENT_DELETED -> Kind.DELETED;
      case PROCESS_EVENT_HEARTBEAT, PROCESS_EVENT_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }
}
