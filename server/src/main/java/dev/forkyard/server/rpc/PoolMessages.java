package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
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
            .setMaxQueuedCalls(pool.maxQueuedCalls())
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
        RpcCodecs.WRAPPING.oneCall(arguments("initializer.arguments", initializer.getArguments())));
  }

  /**
   * @param field its place in the request
   * @param checked whether its arguments are for workers that cannot be trusted to check them
   * @throws Fault BAD_CHUNK, PAYLOAD_EMPTY, INVALID_ARGUMENT
   */
  static ChunkRequest of(String field, TaskChunk chunk, boolean checked) {
    String itsArguments = field + ".arguments";
    Payload arguments = Payloads.of(itsArguments, chunk.getArguments());
    ChunkRequest request =
        new ChunkRequest(
            chunk.getNumber(),
            FunctionMessages.of(chunk.getFunction()),
            chunk.getCount(),
            arguments);
    if (checked && Payloads.wire(arguments).hasJson()) {
      checkCount(itsArguments, chunk, Payloads.wire(arguments).getJson());
    }
    return request;
  }

  private static void checkCount(String field, TaskChunk chunk, String json) {
    int lists = JsonLists.countLists(field, json);
    if (lists != chunk.getCount()) {
      throw new Fault(
              Reason.BAD_CHUNK,
              field
                  + " holds "
                  + lists
                  + " arrays of arguments for "
                  + chunk.getCount()
                  + " calls; send one for each.")
          .with("field", field)
          .with("number", chunk.getNumber())
          .with("count", chunk.getCount());
    }
  }

  /**
   * The arguments of one call.
   *
   * @throws Fault INVALID_ARGUMENT when they are no JSON array
   */
  static Payload arguments(String field, dev.forkyard.v1.Payload wire) {
    Payload arguments = Payloads.arguments(field, wire);
    JsonLists.count(field, Payloads.wire(arguments).getJson());
    return arguments;
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
