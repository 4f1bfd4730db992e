package dev.forkyard.server.rpc;

import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.PoolOptions;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.CreatePoolResponse;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.GetPoolResponse;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.TerminatePoolResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** PoolService. */
final class PoolEndpoint extends PoolServiceGrpc.PoolServiceImplBase {
  private final UnaryCalls calls;
  private final PoolManager pools;
  private final Sessions sessions;
  private final int mostWorkers;

  PoolEndpoint(UnaryCalls calls, PoolManager pools, Sessions sessions, int mostWorkers) {
    this.calls = calls;
    this.pools = pools;
    this.sessions = sessions;
    this.mostWorkers = mostWorkers;
  }

  @Override
  public void createPool(CreatePoolRequest request, StreamObserver<CreatePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
          PoolOptions options =
              PoolOptions.of(
                  FunctionMessages.of(request.getWorker()),
                  request.getWorkers(),
                  request.getRetryLost(),
                  mostWorkers);
          PoolInfo pool = PoolMessages.wire(pools.create(request.getPoolId(), options, owner));
          reply.answer(CreatePoolResponse.newBuilder().setPool(pool).build());
        });
  }

  @Override
  public void getPool(GetPoolRequest request, StreamObserver<GetPoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PoolInfo pool = PoolMessages.wire(pools.get(request.getPoolId()));
          reply.answer(GetPoolResponse.newBuilder().setPool(pool).build());
        });
  }

  @Override
  public StreamObserver<RunTasksRequest> runTasks(StreamObserver<RunTasksResponse> observer) {
    return new TaskStream(pools, (ServerCallStreamObserver<RunTasksResponse>) observer);
  }

  @Override
  public void terminatePool(
      TerminatePoolRequest request, StreamObserver<TerminatePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PoolInfo pool = PoolMessages.wire(pools.terminate(request.getPoolId()));
          reply.answer(TerminatePoolResponse.newBuilder().setPool(pool).build());
        });
  }
}
