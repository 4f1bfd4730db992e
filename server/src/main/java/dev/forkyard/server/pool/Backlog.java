package dev.forkyard.server.pool;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a pool and the chunks that wait for a worker; runs take turns, one chunk each.
 * Guarded by the pool's lock.
 */
final class Backlog {
  private final LinkedHashSet<TaskRun> runs = new LinkedHashSet<>();

  /** Runs that have chunks, the one whose turn it is first. */
  private final LinkedHashSet<TaskRun> turns = new LinkedHashSet<>();

  private long lastPlace;
  private long calls;
  private long bytes;

  void enter(TaskRun run) {
    runs.add(run);
  }

  /** Takes a run out; false when it was out. Its chunks have to be taken out before. */
  boolean leave(TaskRun run) {
    turns.remove(run);
    return runs.remove(run);
  }

  void addLast(Chunk chunk) {
    chunk.place = ++lastPlace;
    putBack(chunk);
  }

  /** Puts a chunk back to where it was taken from. */
  void putBack(Chunk chunk) {
    chunk.run.queued.put(chunk.place, chunk);
    turns.add(chunk.run);
    calls += chunk.unanswered();
    bytes += chunk.request.arguments().sizeBytes();
  }

  /** Takes out one chunk. */
  void remove(Chunk chunk) {
    chunk.run.queued.remove(chunk.place);
    calls -= chunk.unanswered();
    bytes -= chunk.request.arguments().sizeBytes();
    if (chunk.run.queued.isEmpty()) {
      turns.remove(chunk.run);
    }
  }

  /**
   * Takes out the chunk whose turn it is; null when there is none, or the clients of all do not
   * read.
   */
  @Nullable Chunk next() {
    TaskRun run = nextRun();
    if (run == null) {
      return null;
    }
    Chunk chunk = run.queued.firstEntry().getValue();
    turns.remove(run);
    remove(chunk);
    if (!run.queued.isEmpty()) {
      turns.add(run);
    }
    return chunk;
  }

  private @Nullable TaskRun nextRun() {
    Iterator<TaskRun> turn = turns.iterator();
    while (turn.hasNext()) {
      TaskRun run = turn.next();
      if (!run.paused) {
        return run;
      }
    }
    return null;
  }

  /** Takes out everything of a run. */
  List<Chunk> drain(TaskRun run) {
    List<Chunk> chunks = new ArrayList<>(run.queued.values());
    chunks.forEach(this::remove);
    return chunks;
  }

  /** Takes out everything. */
  List<Chunk> drainAll() {
    List<Chunk> chunks = new ArrayList<>();
    List.copyOf(turns).forEach(run -> chunks.addAll(drain(run)));
    return chunks;
  }

  /** Calls that wait. */
  long calls() {
    return calls;
  }

  /** Size of the chunks that wait. */
  long bytes() {
    return bytes;
  }
}
