package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.OutcomeSink;
import dev.forkyard.server.pool.PoolManager;
import dev.forkyard.server.pool.TaskRun;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.v1.ChunkCancel;
import dev.forkyard.v1.RunTasksRequest;
import dev.forkyard.v1.RunTasksResponse;
import dev.forkyard.v1.TaskChunk;
import dev.forkyard.v1.TaskOutcome;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One RunTasks stream: chunks in, outcomes out, with credit both ways. It asks for another message
 * while it has few chunks open and little of them waits at the door of the pool, so that a cancel
 * is seen though the pool has no room. It holds the run while its client does not read, and asks
 * for nothing more while much of that is to be told. When the pool is closed meanwhile, it takes no
 * more chunks, and ends with POOL_CLOSED after the outcomes of those that it has taken; so too,
 * with TOO_MANY_WAITERS, when the daemon holds too much.
 */
final class TaskStream implements StreamObserver<RunTasksRequest>, OutcomeSink, OpenCalls.OpenCall {
  private static final int MOST_OPEN_CHUNKS = 256;

  /** While so much waits for the client to read, nothing more is asked for. */
  private static final int MOST_UNREAD = 256;

  private final OpenCalls open;
  private final WaiterLimit limit;
  private final PoolManager pools;
  private final Sessions sessions;
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

  /** Counted as a call that waits. */
  private final AtomicBoolean counted = new AtomicBoolean();

  /** Why the pool failed was told with its evidence. */
  private final AtomicBoolean evidenceTold = new AtomicBoolean();

  /** Why chunks are not taken any more; those that were taken are still answered. */
  private volatile @Nullable Fault closed;

  TaskStream(
      OpenCalls open,
      WaiterLimit limit,
      PoolManager pools,
      Sessions sessions,
      ServerCallStreamObserver<RunTasksResponse> observer) {
    this.open = open;
    this.limit = limit;
    this.pools = pools;
    this.sessions = sessions;
    this.observer = observer;
    this.outcomes = Batcher.of(observer, TaskStream::message, TaskOutcome::getSerializedSize);
    observer.disableAutoRequest();
    observer.setOnReadyHandler(this::canWrite);
    observer.setOnCancelHandler(this::cancel);
  }

  /** Counts it, lets the end of the daemon end it too, and asks for its first message. */
  TaskStream begin() {
    try {
      limit.enter();
      counted.set(true);
    } catch (Fault tooMany) {
      refuse(tooMany);
      return this;
    }
    if (open.opened(this)) {
      observer.request(1);
    }
    return this;
  }

  private void over() {
    open.answered(this);
    if (counted.compareAndSet(true, false)) {
      limit.left();
    }
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
      TaskRun current = run == null ? begin(request) : run;
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

  private TaskRun begin(RunTasksRequest first) {
    return pools.run(first.getPoolId(), this, sessions.getIfNamed(first.getSessionId()));
  }

  /** Takes chunks until the pool is closed, or the daemon holds too much. */
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
        if (fault.reason() != Reason.POOL_CLOSED && fault.reason() != Reason.TOO_MANY_WAITERS) {
          throw fault;
        }
        synchronized (lock) {
          openChunks--; // nobody else tells that it is done
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

  @Override
  public void refuse(Fault fault) {
    refused = true;
    outcomes.end(() -> observer.onError(Refusals.exception(fault)));
    cancel();
  }

  private void askForMore(TaskRun current) {
    synchronized (lock) {
      if (asked || openChunks >= MOST_OPEN_CHUNKS || isUnread()) {
        return;
      }
      asked = true;
    }
    current.whenMoreFits(() -> observer.request(1));
  }

  /** Whether the client has much to read; then it will be ready again, and that be told. */
  private boolean isUnread() {
    return !observer.isReady() && outcomes.waiting() >= MOST_UNREAD;
  }

  private void canWrite() {
    outcomes.flush();
    TaskRun current = run;
    if (current != null && observer.isReady()) {
      current.pause(false);
      askForMore(current);
    }
  }

  private void sent(boolean taken) {
    if (!taken) {
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
    sent(outcomes.send(PoolMessages.results(chunk, first, count, results)));
  }

  @Override
  public void failure(int chunk, int index, Failure failure) {
    sent(outcomes.send(PoolMessages.failure(chunk, index, withEvidenceOnce(failure))));
  }

  /** The calls of a pool that ended may be very many: their failures are made as they are read. */
  @Override
  public void failures(int chunk, int first, int count, Failure failure) {
    Failure told = withEvidenceOnce(failure);
    Failure bare = failure.bare();
    sent(
        outcomes.sendEach(
            count, nth -> PoolMessages.failure(chunk, first + nth, nth == 0 ? told : bare)));
  }

  /** Every call fails with the pool; its stack and causes are worth telling once. */
  private Failure withEvidenceOnce(Failure failure) {
    boolean isOfPool = failure.kind() == Failure.Kind.POOL_FAILED;
    return isOfPool && evidenceTold.getAndSet(true) ? failure.bare() : failure;
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
    outcomes.endInOrder(this::complete);
  }

  private void complete() {
    Fault why = closed;
    if (why == null) {
      observer.onCompleted();
    } else {
      observer.onError(Refusals.exception(why));
    }
    over();
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
    over();
    TaskRun current = run;
    if (current != null) {
      current.cancel();
    }
  }
}
