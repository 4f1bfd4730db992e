package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.worker.Workers;
import dev.forkyard.v1.DaemonFrame;
import dev.forkyard.v1.WorkerFrame;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * One ConnectWorker call. What waits for a worker that does not read is bounded by its only
 * assignment, and each of that one's calls is cancelled at most once.
 */
final class WorkerStream implements StreamObserver<WorkerFrame>, WorkerConversation.Carrier {
  private static final int UNKNOWN_PID = 0;

  private final AnswerStream<DaemonFrame> frames;
  private final WorkerConversation conversation;

  WorkerStream(
      OpenCalls open,
      Workers workers,
      Scheduler scheduler,
      ServerCallStreamObserver<DaemonFrame> observer) {
    this.frames = new AnswerStream<>(open, observer, () -> {});
    this.conversation = new WorkerConversation(this, workers, UNKNOWN_PID, scheduler);
  }

  /** Lets the end of the daemon end it too. */
  WorkerStream begin() {
    frames.whenOver(conversation::ended);
    frames.begin();
    return this;
  }

  @Override
  public void onNext(WorkerFrame frame) {
    if (frames.isOver()) {
      return; // messages that came together with the one that ended it
    }
    try {
      Burst.during(() -> conversation.accept(frame));
    } catch (RuntimeException bug) {
      frames.refuse(Refusals.bug("ConnectWorker", bug));
    }
  }

  @Override
  public void onError(Throwable broken) {
    frames.complete();
  }

  @Override
  public void onCompleted() {
    frames.complete();
  }

  @Override
  public void send(DaemonFrame frame) {
    frames.send(frame);
  }

  @Override
  public void close() {
    frames.complete();
  }

  @Override
  public void refuse(Fault fault, String processId) {
    frames.refuse(fault);
  }
}
