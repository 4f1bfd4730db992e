package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the chunks that wait for a worker. A chunk for which there is no room waits at the door,
 * where clients take turns; so what a client sends after it, such as a cancel, is seen all the
 * same. A client that has no other chunk in the backlog is let in always, so that nobody is kept
 * out by one who floods the pool, or does not read. Guarded by the pool's lock.
 */
final class Intake {
  private static final long MOST_BYTES = 64L << 20;

  /** A client with as much at the door brings no more. */
  private static final long DOOR_BYTES = 4L << 20;

  private final Backlog backlog;
  private final int mostCalls;
  private final ArgumentBudget budget;

  /** Runs with chunks at the door, the one whose turn it is first. */
  private final Set<TaskRun> atTheDoor = new LinkedHashSet<>();

  private final Map<TaskRun, Runnable> waitingForRoom = new LinkedHashMap<>();
  private final Map<TaskRun, Runnable> waitingToBringMore = new LinkedHashMap<>();

  Intake(Backlog backlog, int mostCalls, ArgumentBudget budget) {
    this.backlog = backlog;
    this.mostCalls = mostCalls;
    this.budget = budget;
  }

  private boolean hasRoomFor(TaskRun run) {
    return run.queued.isEmpty() || (backlog.calls() < mostCalls && backlog.bytes() < MOST_BYTES);
  }

  /**
   * Many clients that each bring little are much together; then only those bring more that have
   * nothing here. As these always may, nobody waits for ever, whatever other pools hold.
   */
  private boolean mayBringMore(TaskRun run) {
    return hasNothingHere(run) || (run.doorBytes < DOOR_BYTES && !budget.isHalfSpent());
  }

  private static boolean hasNothingHere(TaskRun run) {
    return run.queued.isEmpty() && run.atTheDoor.isEmpty();
  }

  /** Takes a chunk, which is let in when there is room. */
  void take(Chunk chunk) {
    TaskRun run = chunk.run;
    if (run.atTheDoor.isEmpty() && hasRoomFor(run)) {
      backlog.addLast(chunk);
    } else {
      run.atTheDoor.add(chunk);
      run.doorBytes += chunk.request.arguments().sizeBytes();
      atTheDoor.add(run);
    }
  }

  /** Takes out a chunk that no worker has. */
  void remove(Chunk chunk) {
    if (!leaveDoor(chunk)) {
      backlog.remove(chunk);
    }
  }

  private boolean leaveDoor(Chunk chunk) {
    TaskRun run = chunk.run;
    if (!run.atTheDoor.remove(chunk)) {
      return false;
    }
    run.doorBytes -= chunk.request.arguments().sizeBytes();
    if (run.atTheDoor.isEmpty()) {
      atTheDoor.remove(run);
    }
    return true;
  }

  /** Takes out every chunk of a run that no worker has. */
  List<Chunk> drain(TaskRun run) {
    List<Chunk> chunks = backlog.drain(run);
    chunks.addAll(run.atTheDoor);
    run.atTheDoor.clear();
    run.doorBytes = 0;
    atTheDoor.remove(run);
    return chunks;
  }

  /** Takes out every chunk that no worker has. */
  List<Chunk> drainAll() {
    List<Chunk> chunks = backlog.drainAll();
    List.copyOf(atTheDoor).forEach(run -> chunks.addAll(drain(run)));
    return chunks;
  }

  /** Runs an action of a run when there is room, once; at once when there is. */
  void whenRoom(TaskRun run, Runnable action, Afterwards after) {
    if (hasRoomFor(run)) {
      after.add(action);
    } else {
      waitingForRoom.put(run, action);
    }
  }

  /** Runs an action of a run when it may bring more, once; at once when that is so. */
  void whenMoreFits(TaskRun run, Runnable action, Afterwards after) {
    if (mayBringMore(run)) {
      after.add(action);
    } else {
      waitingToBringMore.put(run, action);
    }
  }

  /** A run wants no more. */
  void leave(TaskRun run) {
    waitingForRoom.remove(run);
    waitingToBringMore.remove(run);
  }

  /** Lets in what there is room for, one chunk of each client in turn; true if there was some. */
  boolean open(Afterwards after) {
    boolean letIn = false;
    for (TaskRun run = next(); run != null; run = next()) {
      Chunk chunk = run.atTheDoor.iterator().next();
      leaveDoor(chunk);
      if (atTheDoor.remove(run)) {
        atTheDoor.add(run); // the others come first
      }
      backlog.addLast(chunk);
      letIn = true;
    }
    call(waitingForRoom, this::hasRoomFor, after);
    call(waitingToBringMore, Intake::hasNothingHere, after);
    callFirst(waitingToBringMore, this::mayBringMore, after);
    return letIn;
  }

  /** Who may bring in a chunk now; null for nobody. */
  private @Nullable TaskRun next() {
    for (TaskRun run : atTheDoor) {
      if (hasRoomFor(run)) {
        return run;
      }
    }
    return null;
  }

  private static void call(
      Map<TaskRun, Runnable> waiting, Predicate<TaskRun> test, Afterwards after) {
    Iterator<Map.Entry<TaskRun, Runnable>> entries = waiting.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<TaskRun, Runnable> entry = entries.next();
      if (test.test(entry.getKey())) {
        after.add(entry.getValue());
        entries.remove();
      }
    }
  }

  /** Calls one only: what it brings may be all that there is room for. */
  private static void callFirst(
      Map<TaskRun, Runnable> waiting, Predicate<TaskRun> test, Afterwards after) {
    for (Map.Entry<TaskRun, Runnable> entry : waiting.entrySet()) {
      if (test.test(entry.getKey())) {
        after.add(entry.getValue());
        waiting.remove(entry.getKey());
        return;
      }
    }
  }
}
