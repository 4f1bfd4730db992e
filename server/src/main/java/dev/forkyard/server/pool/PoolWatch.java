package dev.forkyard.server.pool;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Somebody who looks at one pool now and then until its end. Thread-safe. */
public final class PoolWatch {
  private final WorkerPool pool;
  private final WorkerMemory memory;
  private final Runnable whenOver;

  PoolWatch(WorkerPool pool, WorkerMemory memory, Runnable whenOver) {
    this.pool = pool;
    this.memory = memory;
    this.whenOver = whenOver;
    pool.end().listen(whenOver);
  }

  /** True when the pool changes no more. */
  public boolean isOver() {
    return pool.end().isOver();
  }

  /** The pool as it is now, with the memory of its workers. */
  public CompletableFuture<PoolSnapshot> look() {
    return memory.measured(List.of(pool.snapshot())).thenApply(pools -> pools.get(0));
  }

  /** Looks no more. */
  public void close() {
    pool.end().forget(whenOver);
  }
}
