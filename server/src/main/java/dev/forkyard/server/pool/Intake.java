package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets clients send more only while there is room for what they send, those first that have waited
 * longest. Nobody knows what a client will send, so each may bring one message more than fits.
 * Guarded by the pool's lock.
 */
final class Intake {
  private static final long MOST_BYTES = 64L << 20;

  private final Backlog backlog;
  private final int mostCalls;
  private final Map<TaskRun, Runnable> waiting = new LinkedHashMap<>();

  Intake(Backlog backlog, int mostCalls) {
    this.backlog = backlog;
    this.mostCalls = mostCalls;
  }

  private boolean hasRoom() {
    return backlog.calls() < mostCalls && backlog.bytes() < MOST_BYTES;
  }

  /** Runs an action of a run when there is room, once; at once when there is. */
  void whenRoom(TaskRun run, Runnable action, Afterwards after) {
    if (hasRoom()) {
      after.add(action);
    } else {
      waiting.put(run, action);
    }
  }

  /** A run wants no more. */
  void leave(TaskRun run) {
    waiting.remove(run);
  }

  /** Lets in who waits, if there is room. */
  void open(Afterwards after) {
    if (waiting.isEmpty() || !hasRoom()) {
      return;
    }
    Iterator<Runnable> actions = waiting.values().iterator();
    while (actions.hasNext()) {
      after.add(actions.next());
      actions.remove();
    }
  }
}
