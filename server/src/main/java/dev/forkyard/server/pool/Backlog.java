package dev.forkyard.server.pool;

import java.util.ArrayList;
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

  private long calls;

  void enter(TaskRun run) {
    runs.add(run);
  }

  /** Takes a run out; false when it was out. Its chunks have to be taken out before. */
  boolean leave(TaskRun run) {
    turns.remove(run);
    return runs.remove(run);
  }

  void addLast(Chunk chunk) {
    chunk.run.queued.addLast(chunk);
    added(chunk);
  }

  /** Puts a chunk back to where it was taken from. */
  void addFirst(Chunk chunk) {
    chunk.run.queued.addFirst(chunk);
    added(chunk);
  }

  private void added(Chunk chunk) {
    turns.add(chunk.run);
    calls += chunk.unanswered();
  }

  /**
   * Takes out the chunk whose turn it is; null when there is none, or the clients of all do not
   * read.
   */
  @Nullable Chunk next() {
    for (TaskRun run : List.copyOf(turns)) {
      if (run.paused) {
        continue;
      }
      turns.remove(run);
      Chunk chunk = run.queued.remove();
      calls -= chunk.unanswered();
      if (!run.queued.isEmpty()) {
        turns.add(run);
      }
      return chunk;
    }
    return null;
  }

  /** Takes out everything of a run. */
  List<Chunk> drain(TaskRun run) {
    List<Chunk> chunks = new ArrayList<>(run.queued);
    run.queued.clear();
    turns.remove(run);
    chunks.forEach(chunk -> calls -= chunk.unanswered());
    return chunks;
  }

  /** Takes out everything. */
  List<Chunk> drainAll() {
    List<Chunk> chunks = new ArrayList<>();
    List.copyOf(runs).forEach(run -> chunks.addAll(drain(run)));
    return chunks;
  }

  /** Calls that wait. */
  long calls() {
    return calls;
  }
}
