package dev.forkyard.server.pool;

import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntToLongFunction;

/**
 * Reads how much memory workers use.
 *
 * @param files runs what touches files
 * @param residentBytes resident memory of a pid, in bytes; 0 when there is no such process
 */
public record WorkerMemory(Executor files, IntToLongFunction residentBytes) {

  /** The same pools with the memory of their workers. */
  CompletableFuture<List<PoolSnapshot>> measured(List<PoolSnapshot> pools) {
    return CompletableFuture.supplyAsync(
        () -> pools.stream().map(pool -> pool.with(measuredWorkers(pool))).toList(), files);
  }

  private List<WorkerSnapshot> measuredWorkers(PoolSnapshot pool) {
    return pool.workers().stream()
        .map(
            worker ->
                worker.withRss(worker.pid() == 0 ? 0 : residentBytes.applyAsLong(worker.pid())))
        .toList();
  }
}
