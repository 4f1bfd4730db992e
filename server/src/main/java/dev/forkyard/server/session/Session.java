package dev.forkyard.server.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The life of one client or child as the daemon sees it. Whatever must not outlive it registers
 * with {@link #onEnd}; the session itself knows no features. Thread-safe.
 */
public final class Session {
  private static final Logger log = Logger.getLogger(Session.class.getName());

  private final String id;
  private final String processId;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Object, Runnable> endings = new LinkedHashMap<>();

  private volatile @Nullable Ending ending;

  @GuardedBy("lock")
  private int streams;

  /** Completes when the last stream has gone, once somebody waits for that. */
  private final CompletableFuture<Done> streamless = new CompletableFuture<>();

  @GuardedBy("lock")
  private boolean closing;

  /** What it keeps alive; guarded by the lock of the keepers. */
  final Set<Keepers> keeps = new LinkedHashSet<>();

  Session(String id, String processId) {
    this.id = id;
    this.processId = processId;
  }

  public String id() {
    return id;
  }

  /** The process whose session this is; empty for that of a client. */
  public String processId() {
    return processId;
  }

  /** True from the moment the session begins to end; nothing may be given to it any more. */
  public boolean ended() {
    return ending != null;
  }

  /**
   * How it ended.
   *
   * @throws IllegalStateException when it has not
   */
  public Ending ending() {
    Ending how = ending;
    if (how == null) {
      throw new IllegalStateException("session " + id + " has not ended");
    }
    return how;
  }

  /**
   * Registers what to do when the session ends, outside of every lock. A second registration under
   * the same key changes nothing.
   *
   * @throws Fault SESSION_NOT_FOUND when it has ended
   */
  public void onEnd(Object key, Runnable action) {
    synchronized (lock) {
      if (ended()) {
        throw notFound();
      }
      endings.putIfAbsent(key, action);
    }
  }

  /** Takes a registration back. */
  public void forget(Object key) {
    synchronized (lock) {
      endings.remove(key);
    }
  }

  /** Counts a stream that brings operations of this session, or results of its process. */
  public void attachStream() {
    synchronized (lock) {
      streams++;
    }
  }

  /**
   * Takes a stream off the count, after everything that it brought was dealt with, or for as long
   * as it has no connection.
   */
  public void detachStream() {
    boolean none;
    synchronized (lock) {
      streams--;
      none = closing && streams == 0;
    }
    if (none) {
      streamless.complete(Done.DONE);
    }
  }

  /**
   * Completes when no stream is left; the session gets no new one because its process has ended.
   */
  CompletableFuture<Done> whenStreamless() {
    boolean none;
    synchronized (lock) {
      closing = true;
      none = streams == 0;
    }
    if (none) {
      streamless.complete(Done.DONE);
    }
    return streamless;
  }

  void end(Ending how) {
    List<Runnable> actions;
    synchronized (lock) {
      if (ended()) {
        return;
      }
      ending = how;
      actions = new ArrayList<>(endings.values());
      endings.clear();
    }
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException bug) {
        log.log(Level.SEVERE, "session " + id + " could not end something that it owned", bug);
      }
    }
  }

  /** The refusal of what is asked for it after its end. */
  public Fault notFound() {
    return notFound(id);
  }

  static Fault notFound(String id) {
    return new Fault(
            Reason.SESSION_NOT_FOUND,
            "There is no session \""
                + id
                + "\"; it has ended, and with it everything it owned. Connect again.")
        .with("session_id", id);
  }
}
