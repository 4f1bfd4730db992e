package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.pool.ChunkRequest;
import dev.forkyard.server.pool.PoolSnapshot;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolState;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerState;

/** Pools on the wire. */
final class PoolMessages {
  private PoolMessages() {}

  static PoolInfo wire(PoolSnapshot pool) {
    PoolInfo.Builder wire =
        PoolInfo.newBuilder()
            .setPoolId(pool.id())
            .setState(PoolState.valueOf("POOL_STATE_" + pool.state().name()))
            .setOwnerSessionId(pool.ownerSessionId())
            .setRetryLost(pool.retryLost())
            .setCallsQueued(pool.counts().queued())
            .setCallsAssigned(pool.counts().assigned())
            .setCallsDone(pool.counts().done())
            .setCallsFailed(pool.counts().failed())
            .setWorkersLost(pool.counts().workersLost());
    pool.workers().forEach(worker -> wire.addWorkers(wire(worker)));
    if (pool.failure() != null) {
      wire.setFailure(FailureMessages.wire(pool.failure()));
    }
    return wire.build();
  }

  private static WorkerInfo wire(PoolSnapshot.WorkerSnapshot worker) {
    return WorkerInfo.newBuilder()
        .setProcessId(worker.processId())
        .setPid(worker.pid())
        .setState(WorkerState.valueOf("WORKER_STATE_" + worker.state().name()))
        .setCallsDone(worker.callsDone())
        .build();
  }

  static ChunkRequest of(TaskChunk chunk) {
    return new ChunkRequest(
        chunk.getNumber(),
        FunctionMessages.of(chunk.getFunction()),
        chunk.getCount(),
        Payloads.of(chunk.getArguments()));
  }

  static TaskOutcome results(int chunk, int first, int count, Payload results) {
    return TaskOutcome.newBuilder()
        .setResults(
            ChunkResults.newBuilder()
                .setNumber(chunk)
                .setFirst(first)
                .setCount(count)
                .setResults(Payloads.wire(results)))
        .build();
  }

  static TaskOutcome failure(int chunk, int index, Failure failure) {
    return TaskOutcome.newBuilder()
        .setFailure(
            CallFailure.newBuilder()
                .setNumber(chunk)
                .setIndex(index)
                .setFailure(FailureMessages.wire(failure)))
        .build();
  }
}
