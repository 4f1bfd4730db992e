package dev.forkyard.server.session;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Ids;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The living sessions. Thread-safe. */
public final class Sessions {
  /** For a stream that somebody else than the dead process keeps open. */
  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(2);

  private final int limit;
  private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();

  public Sessions(int limit) {
    this.limit = limit;
  }

  /** The id of a session that has not begun: nobody finds it. */
  public static String reserve() {
    return Ids.random("s");
  }

  /**
   * Opens the session of a client.
   *
   * @throws Fault TOO_MANY_SESSIONS
   */
  public Session open() {
    return open(reserve(), "");
  }

  /**
   * Opens the session of a process.
   *
   * @throws Fault TOO_MANY_SESSIONS
   */
  public Session openFor(String processId) {
    return open(reserve(), processId);
  }

  /**
   * Opens the session of a process, under an id that was reserved.
   *
   * @throws Fault TOO_MANY_SESSIONS
   */
  public Session open(String id, String processId) {
    if (sessions.mappingCount() >= limit) {
      throw new Fault(
              Reason.TOO_MANY_SESSIONS,
              "The daemon has " + limit + " sessions already; close some clients first.")
          .with("limit", limit);
    }
    Session session = new Session(id, processId);
    sessions.put(session.id(), session);
    return session;
  }

  /**
   * @throws Fault SESSION_NOT_FOUND
   */
  public Session get(String id) {
    Session session = sessions.get(id);
    if (session == null) {
      throw Session.notFound(id);
    }
    return session;
  }

  /** The session with this id, or null for the empty id. */
  public @Nullable Session getIfNamed(String id) {
    return id.isEmpty() ? null : get(id);
  }

  /** Ends a session with everything that it owns. Does nothing when it has ended. */
  public void end(Session session, Ending how) {
    session.end(how);
    sessions.remove(session.id(), session);
  }

  /**
   * Ends the session of a process that has ended. What the process sent before its end is carried
   * out first: its streams are closed by the kernel, and read to their ends.
   *
   * @return completes when the session has ended
   */
  public CompletableFuture<Done> endAfterStreams(Session session, Ending how, Scheduler scheduler) {
    CompletableFuture<Done> streamless = session.whenStreamless();
    if (!streamless.isDone()) {
      Scheduled patience = scheduler.schedule(LONGEST_DRAIN, () -> streamless.complete(Done.DONE));
      streamless.thenRun(patience::cancel);
    }
    return streamless.thenApply(
        done -> {
          end(session, how);
          return done;
        });
  }

  /** Ends all, because the daemon ends. */
  public void endAll() {
    sessions.values().forEach(session -> end(session, Ending.DAEMON_STOPS));
  }

  public int size() {
    return sessions.size();
  }

  public List<Session> all() {
    return List.copyOf(sessions.values());
  }
}
