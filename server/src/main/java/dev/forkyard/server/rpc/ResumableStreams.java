package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The session streams that may go on after their connections broke, by what only their clients
 * know. Thread-safe.
 */
final class ResumableStreams {
  /** How long a stream waits to go on. */
  static final Duration GRACE = Duration.ofSeconds(2);

  private final Scheduler scheduler;
  private final int mostWaiting;
  private final ConcurrentHashMap<String, SessionStream> byToken = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();

  ResumableStreams(Scheduler scheduler, int mostWaiting) {
    this.scheduler = scheduler;
    this.mostWaiting = mostWaiting;
  }

  /** Begins to make tokens for a stream. */
  Tokens tokens(SessionStream stream) {
    return new Tokens(stream);
  }

  /**
   * The stream of a token.
   *
   * @throws Fault NOT_RESUMABLE
   */
  SessionStream get(String token) {
    SessionStream stream = byToken.get(token);
    if (stream == null) {
      throw notResumable();
    }
    return stream;
  }

  static Fault notResumable() {
    return new Fault(
        Reason.NOT_RESUMABLE,
        "The session stream cannot go on: its token is none, or not any more, or too many of its"
            + " replies were not confirmed. Connect again.");
  }

  /** The end of a connection from which another took over. */
  static Fault takenOver() {
    return new Fault(
        Reason.NOT_RESUMABLE, "The session stream goes on with another connection; use that one.");
  }

  /**
   * Begins the wait of a stream.
   *
   * @param tooLate called when the wait has lasted too long
   * @return the wait; null when too many streams wait
   */
  @Nullable Wait await(Consumer<Wait> tooLate) {
    if (waiting.incrementAndGet() > mostWaiting) {
      waiting.decrementAndGet();
      return null;
    }
    return new Wait(tooLate);
  }

  /**
   * The tokens of one stream. The next one may get lost with the answer that holds it, so the one
   * before is good until the client has shown that it has got it. Not thread-safe.
   */
  final class Tokens {
    private final SessionStream stream;
    private String shown = "";
    private String next = "";

    private Tokens(SessionStream stream) {
      this.stream = stream;
    }

    /** Whether a token lets the stream go on. */
    boolean include(String token) {
      return !token.isEmpty() && (token.equals(shown) || token.equals(next));
    }

    /**
     * Makes the next token.
     *
     * @param token the one that the client has; empty for none
     */
    String after(String token) {
      byToken.remove(token.equals(shown) ? next : shown);
      shown = token;
      next = Ids.secret();
      byToken.put(next, stream);
      return next;
    }

    /** The client has got the next token. */
    void arrived() {
      if (!shown.isEmpty()) {
        byToken.remove(shown);
        shown = "";
      }
    }

    void forget() {
      byToken.remove(shown);
      byToken.remove(next);
      shown = "";
      next = "";
    }
  }

  /** The wait of one stream. */
  final class Wait {
    private final Scheduled timer;

    private Wait(Consumer<Wait> tooLate) {
      timer = scheduler.schedule(GRACE, () -> tooLate.accept(this));
    }

    /** Ends the wait; called once. */
    void end() {
      timer.cancel();
      waiting.decrementAndGet();
    }
  }
}
