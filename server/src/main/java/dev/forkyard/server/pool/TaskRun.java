package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The calls that one client runs on one pool. Its fields are guarded by the lock of the pool; its
 * methods are called by the carrier.
 */
public final class TaskRun {
  private final WorkerPool pool;
  final OutcomeSink sink;
  final ArrayDeque<Chunk> queued = new ArrayDeque<>();

  /** Chunks accepted and not answered whole. */
  int open;

  /** Outcomes decided and not yet told; the run is not finished before they are. */
  int telling;

  boolean noMore;
  boolean paused;
  boolean cancelled;

  TaskRun(WorkerPool pool, OutcomeSink sink) {
    this.pool = pool;
    this.sink = sink;
  }

  /**
   * Accepts a chunk.
   *
   * @throws dev.forkyard.server.core.Fault for handles that refer to nothing
   */
  public void submit(ChunkRequest chunk) {
    pool.submit(this, chunk);
  }

  /** The client sends no more chunks. */
  public void noMoreChunks() {
    pool.noMoreChunks(this);
  }

  /** Holds back, or lets go again, what was not given to a worker: the client does not read. */
  public void pause(boolean hold) {
    pool.pause(this, hold);
  }

  /** The client is gone: drops what has not run; nothing is told to the sink any more. */
  public void cancel() {
    pool.cancel(this);
  }

  /** Tells the client something after the lock of the pool was let go. Called under it. */
  void tell(Afterwards after, Consumer<OutcomeSink> what) {
    if (cancelled) {
      return;
    }
    telling++;
    after.add(
        () -> {
          try {
            what.accept(sink);
          } finally {
            pool.told(this);
          }
        });
  }
}
