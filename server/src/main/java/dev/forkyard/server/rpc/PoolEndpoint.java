package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.PoolOptions;
import dev.forkyard.server.pool.PoolSnapshot;
import dev.forkyard.server.pool.WaitAnswer;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.CancelTasksRequest;
import dev.forkyard.v1.CancelTasksResponse;
import dev.forkyard.v1.ClosePoolRequest;
import dev.forkyard.v1.ClosePoolResponse;
import dev.forkyard.v1.CreatePoolRequest;
import dev.forkyard.v1.CreatePoolResponse;
import dev.forkyard.v1.DeletePoolRequest;
import dev.forkyard.v1.DeletePoolResponse;
import dev.forkyard.v1.GetPoolRequest;
import dev.forkyard.v1.GetPoolResponse;
import dev.forkyard.v1.GetTaskRequest;
import dev.forkyard.v1.GetTaskResponse;
import dev.forkyard.v1.ListPoolsRequest;
import dev.forkyard.v1.ListPoolsResponse;
import dev.forkyard.v1.ListTasksRequest;
import dev.forkyard.v1.ListTasksResponse;
import dev.forkyard.v1.PoolServiceGrpc;
import dev.forkyard.v1.ResizePoolRequest;
import dev.forkyard.v1.ResizePoolResponse;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.SubmitTasksRequest;
import dev.forkyard.v1.SubmitTasksResponse;
import dev.forkyard.v1.TerminatePoolRequest;
import dev.forkyard.v1.TerminatePoolResponse;
import dev.forkyard.v1.WaitPoolRequest;
import dev.forkyard.v1.WaitPoolResponse;
import dev.forkyard.v1.WaitTasksRequest;
import dev.forkyard.v1.WaitTasksResponse;
import dev.forkyard.v1.WatchPoolRequest;
import dev.forkyard.v1.WatchPoolResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** PoolService. */
final class PoolEndpoint extends PoolServiceGrpc.PoolServiceImplBase {
  private final UnaryCalls calls;
  private final WatchStream.Context streams;
  private final PoolManager pools;
  private final Sessions sessions;
  private final int mostWorkers;
  private final TaskOperations tasks;
  private final RequestMemory<PoolSnapshot> creations;

  PoolEndpoint(UnaryCalls calls, WatchStream.Context streams, Yard yard) {
    this.calls = calls;
    this.streams = streams;
    this.pools = yard.pools();
    this.sessions = yard.sessions();
    this.mostWorkers = yard.limits().poolWorkers();
    this.tasks = new TaskOperations(yard.pools(), yard.scheduler(), yard.waiters());
    this.creations =
        RequestMemory.usual(
            yard.scheduler(),
            yard.waiters(),
            new RequestMemory.Answers<>(
                pools::asItIsNow, pool -> PoolMessages.wire(pool).getSerializedSize()));
  }

  @Override
  public void createPool(CreatePoolRequest request, StreamObserver<CreatePoolResponse> observer) {
    calls.run(
        observer,
        reply ->
            creations.run(
                request.getRequestId(),
                request,
                reply.from(
                    pool ->
                        CreatePoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build()),
                first -> create(request, first)));
  }

  private void create(CreatePoolRequest request, Reply<PoolSnapshot> reply) {
    Owner owner = new Owner(sessions.getIfNamed(request.getOwnerSessionId()));
    PoolOptions options = PoolMessages.options(request, mostWorkers);
    reply.answer(pools.create(request.getPoolId(), options, owner));
  }

  @Override
  public void getPool(GetPoolRequest request, StreamObserver<GetPoolResponse> observer) {
    calls.run(
        observer,
        reply ->
            pools.get(
                request.getPoolId(),
                reply.from(
                    pool ->
                        GetPoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build())));
  }

  @Override
  public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> observer) {
    calls.run(
        observer,
        reply ->
            pools.list(
                request.getPageSize(),
                request.getPageToken(),
                request.getLabelsMap(),
                reply.from(PoolEndpoint::listed)));
  }

  private static ListPoolsResponse listed(Registry.Page<PoolSnapshot> page) {
    ListPoolsResponse.Builder wire =
        ListPoolsResponse.newBuilder().setNextPageToken(page.nextToken());
    page.items().forEach(pool -> wire.addPools(PoolMessages.wire(pool)));
    return wire.build();
  }

  @Override
  public void resizePool(ResizePoolRequest request, StreamObserver<ResizePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          int size = PoolOptions.resized(request.getWorkers(), mostWorkers);
          PoolSnapshot pool = pools.resize(request.getPoolId(), size);
          reply.answer(ResizePoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build());
        });
  }

  @Override
  public void closePool(ClosePoolRequest request, StreamObserver<ClosePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PoolSnapshot pool = pools.close(request.getPoolId());
          reply.answer(ClosePoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build());
        });
  }

  @Override
  public void waitPool(WaitPoolRequest request, StreamObserver<WaitPoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
          pools.await(request.getPoolId(), timeout, reply.from(PoolEndpoint::waited));
        });
  }

  private static WaitPoolResponse waited(WaitAnswer answer) {
    return WaitPoolResponse.newBuilder()
        .setPool(PoolMessages.wire(answer.pool()))
        .setTimedOut(answer.timedOut())
        .build();
  }

  @Override
  public void watchPool(WatchPoolRequest request, StreamObserver<WatchPoolResponse> observer) {
    try {
      PoolWatchStream.open(
          streams, pools, request, (ServerCallStreamObserver<WatchPoolResponse>) observer);
    } catch (Fault refused) {
      observer.onError(Refusals.exception(refused));
    }
  }

  @Override
  public StreamObserver<RunTasksRequest> runTasks(StreamObserver<RunTasksResponse> observer) {
    return new TaskStream(
            streams.open(),
            streams.limit(),
            pools,
            sessions,
            (ServerCallStreamObserver<RunTasksResponse>) observer)
        .begin();
  }

  @Override
  public void terminatePool(
      TerminatePoolRequest request, StreamObserver<TerminatePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PoolSnapshot pool = pools.terminate(request.getPoolId());
          reply.answer(TerminatePoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build());
        });
  }

  @Override
  public void deletePool(DeletePoolRequest request, StreamObserver<DeletePoolResponse> observer) {
    calls.run(
        observer,
        reply -> {
          PoolSnapshot pool = pools.delete(request.getPoolId());
          reply.answer(DeletePoolResponse.newBuilder().setPool(PoolMessages.wire(pool)).build());
        });
  }

  @Override
  public void submitTasks(
      SubmitTasksRequest request, StreamObserver<SubmitTasksResponse> observer) {
    calls.run(observer, reply -> tasks.submit(request, reply));
  }

  @Override
  public void getTask(GetTaskRequest request, StreamObserver<GetTaskResponse> observer) {
    calls.run(observer, reply -> tasks.get(request, reply));
  }

  @Override
  public void listTasks(ListTasksRequest request, StreamObserver<ListTasksResponse> observer) {
    calls.run(observer, reply -> tasks.list(request, reply));
  }

  @Override
  public void waitTasks(WaitTasksRequest request, StreamObserver<WaitTasksResponse> observer) {
    calls.run(observer, reply -> tasks.await(request, reply));
  }

  @Override
  public void cancelTasks(
      CancelTasksRequest request, StreamObserver<CancelTasksResponse> observer) {
    calls.run(observer, reply -> tasks.cancel(request, reply));
  }
}
