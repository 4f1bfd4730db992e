package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.worker.UnaryWorker;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.CompleteTaskRequest;
import dev.forkyard.v1.CompleteTaskResponse;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.FailTaskRequest;
import dev.forkyard.v1.FailTaskResponse;
import dev.forkyard.v1.PollTaskRequest;
import dev.forkyard.v1.PollTaskResponse;
import dev.forkyard.v1.WorkerFrame;
import dev.forkyard.v1.WorkerServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** WorkerService. */
final class WorkerEndpoint extends WorkerServiceGrpc.WorkerServiceImplBase {
  private final OpenCalls open;
  private final UnaryCalls calls;
  private final Workers workers;
  private final Scheduler scheduler;

  WorkerEndpoint(OpenCalls open, UnaryCalls calls, Workers workers, Scheduler scheduler) {
    this.open = open;
    this.calls = calls;
    this.workers = workers;
    this.scheduler = scheduler;
  }

  @Override
  public StreamObserver<WorkerFrame> connectWorker(StreamObserver<DaemonFrame> observer) {
    var frames = (ServerCallStreamObserver<DaemonFrame>) observer;
    return new WorkerStream(open, workers, scheduler, frames).begin();
  }

  @Override
  public void pollTask(PollTaskRequest request, StreamObserver<PollTaskResponse> observer) {
    calls.run(
        observer,
        reply -> {
          Duration timeout = Times.timeout(request.hasTimeout(), request.getTimeout());
          workers.unary(request.getToken()).poll(timeout, reply.from(WorkerMessages::wire));
        });
  }

  @Override
  public void completeTask(
      CompleteTaskRequest request, StreamObserver<CompleteTaskResponse> observer) {
    calls.run(
        observer,
        reply -> {
          var worker = workers.unary(request.getToken());
          Burst.during(() -> complete(worker, request));
          reply.answer(CompleteTaskResponse.getDefaultInstance());
        });
  }

  private static void complete(UnaryWorker worker, CompleteTaskRequest request) {
    Payload result = Payloads.of("result", request.getResult());
    if (ResultLimit.allows(Payloads.wire(result))) {
      worker.complete(request.getCallId(), result);
    } else {
      worker.fail(request.getCallId(), ResultLimit.exceeded(Payloads.wire(result)));
    }
  }

  @Override
  public void failTask(FailTaskRequest request, StreamObserver<FailTaskResponse> observer) {
    calls.run(
        observer,
        reply -> {
          var worker = workers.unary(request.getToken());
          Burst.during(
              () -> worker.fail(request.getCallId(), FailureMessages.of(request.getFailure())));
          reply.answer(FailTaskResponse.getDefaultInstance());
        });
  }
}
