package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.OutcomeSink;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.TaskRun;
import dev.forkyard.v1.ChunkCancel;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One RunTasks stream: chunks in, outcomes out, with credit both ways. It asks for another message
 * while it has few chunks open and little of them waits at the door of the pool, so that a cancel
 * is seen though the pool has no room. It holds the run while its client does not read. When the
 * pool is closed meanwhile, it takes no more chunks, and ends with POOL_CLOSED after the outcomes
 * of those that it has taken.
 */
final class TaskStream implements StreamObserver<RunTasksRequest>, OutcomeSink {
  private static final int MOST_OPEN_CHUNKS = 256;

  private final PoolManager pools;
  private final ServerCallStreamObserver<RunTasksResponse> observer;
  private final Batcher<TaskOutcome> outcomes;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int openChunks;

  /** A message was asked for and has not come. */
  @GuardedBy("lock")
  private boolean asked = true;

  private volatile @Nullable TaskRun run;
  private volatile boolean refused;

  /** Why chunks are not taken any more; those that were taken are still answered. */
  private volatile @Nullable Fault closed;

  TaskStream(PoolManager pools, ServerCallStreamObserver<RunTasksResponse> observer) {
    this.pools = pools;
    this.observer = observer;
    this.outcomes = Batcher.of(observer, TaskStream::message, TaskOutcome::getSerializedSize);
    observer.disableAutoRequest();
    observer.setOnReadyHandler(this::canWrite);
    observer.setOnCancelHandler(this::cancel);
    observer.request(1);
  }

  private static RunTasksResponse message(List<TaskOutcome> outcomes) {
    return RunTasksResponse.newBuilder().addAllOutcomes(outcomes).build();
  }

  @Override
  public void onNext(RunTasksRequest request) {
    Burst.during(() -> accept(request));
  }

  private void accept(RunTasksRequest request) {
    if (refused) {
      return; // sent before the client learnt of it
    }
    try {
      if (request.getChunksCount() > MOST_OPEN_CHUNKS) {
        throw tooManyChunks(request.getChunksCount());
      }
      TaskRun current = run == null ? pools.run(request.getPoolId(), this) : run;
      run = current;
      synchronized (lock) {
        asked = false;
      }
      submit(current, request.getChunksList());
      for (ChunkCancel cancel : request.getCancelsList()) {
        current.cancel(cancel.getNumber(), cancel.getRunning());
      }
      askForMore(current);
    } catch (Fault fault) {
      refuse(fault);
    } catch (RuntimeException bug) {
      refuse(Refusals.bug("RunTasks", bug));
    }
  }

  /** Takes chunks until the pool is closed. */
  private void submit(TaskRun current, List<TaskChunk> chunks) {
    for (int i = 0; i < chunks.size(); i++) {
      if (closed != null) {
        return;
      }
      synchronized (lock) {
        openChunks++;
      }
      try {
        current.submit(PoolMessages.of("chunks[" + i + "]", chunks.get(i), current.isChecked()));
      } catch (Fault fault) {
        if (fault.reason() != Reason.POOL_CLOSED) {
          throw fault;
        }
        closed = fault;
        current.noMoreChunks();
      }
    }
  }

  private static Fault tooManyChunks(int chunks) {
    return new Fault(
            Reason.BAD_CHUNK,
            "A message holds at most " + MOST_OPEN_CHUNKS + " chunks; send several messages.")
        .with("limit", MOST_OPEN_CHUNKS)
        .with("chunks", chunks);
  }

  private static Fault noRequest() {
    return new Fault(
        Reason.MALFORMED_REQUEST,
        "The call ended without a request; send one message, with pool_id and chunks to run.");
  }

  private void refuse(Fault fault) {
    refused = true;
    cancel();
    outcomes.end(() -> observer.onError(Refusals.exception(fault)));
  }

  private void askForMore(TaskRun current) {
    synchronized (lock) {
      if (asked || openChunks >= MOST_OPEN_CHUNKS) {
        return;
      }
      asked = true;
    }
    current.whenMoreFits(() -> observer.request(1));
  }

  private void canWrite() {
    outcomes.flush();
    TaskRun current = run;
    if (current != null && observer.isReady()) {
      current.pause(false);
    }
  }

  private void send(TaskOutcome outcome) {
    if (!outcomes.send(outcome)) {
      refuse(Refusals.clientDoesNotRead());
      return;
    }
    TaskRun current = run;
    if (current != null && !observer.isReady()) {
      current.pause(true);
      if (observer.isReady()) {
        current.pause(false); // it became ready in between, and will not say so again
      }
    }
  }

  @Override
  public void results(int chunk, int first, int count, Payload results) {
    send(PoolMessages.results(chunk, first, count, results));
  }

  @Override
  public void failure(int chunk, int index, Failure failure) {
    send(PoolMessages.failure(chunk, index, failure));
  }

  @Override
  public void chunkDone() {
    synchronized (lock) {
      openChunks--;
    }
    TaskRun current = run;
    if (current != null) {
      askForMore(current);
    }
  }

  @Override
  public void finished() {
    Fault why = closed;
    outcomes.end(
        () -> {
          if (why == null) {
            observer.onCompleted();
          } else {
            observer.onError(Refusals.exception(why));
          }
        });
  }

  @Override
  public void onCompleted() {
    TaskRun current = run;
    if (current == null) {
      refuse(noRequest());
    } else {
      current.noMoreChunks();
    }
  }

  @Override
  public void onError(Throwable broken) {
    cancel();
  }

  private void cancel() {
    TaskRun current = run;
    if (current != null) {
      current.cancel();
    }
  }
}
