package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pool at one moment. */
public record PoolSnapshot(
    String id,
    PoolState state,
    String ownerSessionId,
    int retryLost,
    List<WorkerSnapshot> workers,
    PoolCounts counts,
    @Nullable Failure failure) {

  /** One worker at one moment. */
  public record WorkerSnapshot(String processId, int pid, WorkerState state, long callsDone) {}
}
