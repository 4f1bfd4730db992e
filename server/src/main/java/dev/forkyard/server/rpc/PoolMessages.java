package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.pool.ChunkRequest;
import dev.forkyard.server.pool.PoolOptions;
import dev.forkyard.server.pool.PoolSnapshot;
import dev.forkyard.v1.CallFailure;
import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.Initializer;
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
            .setWorkersLost(pool.counts().workersLost())
            .setCallsPerSecond(pool.callsPerSecond())
            .putAllLabels(pool.labels())
            .setSize(pool.size());
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
        .setBusyTime(Times.wire(worker.busyTime()))
        .setRssBytes(worker.rssBytes())
        .build();
  }

  /**
   * What a new pool is made of.
   *
   * @throws Fault INVALID_ARGUMENT, TOO_MANY_WORKERS
   */
  static PoolOptions options(CreatePoolRequest request, int mostWorkers) {
    return new PoolOptions(
        FunctionMessages.of(request.getWorker()),
        PoolOptions.workers(request.getWorkers(), mostWorkers),
        request.getRetryLost(),
        request.hasInitializer() ? initializer(request.getInitializer()) : null,
        request.getMaxCallsPerWorker(),
        request.hasCallTimeout() ? Times.duration("call_timeout", request.getCallTimeout()) : null,
        request.hasCancelGrace()
            ? Times.duration("cancel_grace", request.getCancelGrace())
            : PoolOptions.DEFAULT_CANCEL_GRACE,
        request.getMaxQueuedCalls(),
        request.getLabelsMap());
  }

  /** The initializer is a chunk of one call. */
  private static ChunkRequest initializer(Initializer initializer) {
    if (initializer.getFunction().getName().isEmpty()) {
      throw Fault.invalid(
          "initializer.function",
          "initializer.function names no function; name one, such as \"com.acme.Models::load\".");
    }
    if (initializer.getArguments().hasData()) {
      throw Fault.invalid(
          "initializer.arguments", "initializer.arguments must be json, such as [\"kel\", 3].");
    }
    return new ChunkRequest(
        0,
        FunctionMessages.of(initializer.getFunction()),
        1,
        RpcCodecs.WRAPPING.oneCall(Payloads.of(initializer.getArguments())));
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
