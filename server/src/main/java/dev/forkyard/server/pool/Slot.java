package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.WorkerListener;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place for a worker in a pool, and the worker in it. Its fields are guarded by the lock of the
 * pool.
 */
final class Slot implements WorkerListener {
  /** How many chunks a worker has at most: one to run, and more only while they are short. */
  private static final int DEEPEST = 16;

  private static final long SHORT_NANOS = 10_000_000;
  private static final long VERY_SHORT_NANOS = 1_000_000;

  private final WorkerPool pool;

  /** What the worker has, in the order in which it runs it, by assignment number. */
  final Map<Integer, Chunk> assigned = new LinkedHashMap<>();

  @Nullable WorkerLink link;
  @Nullable Session session;
  private String processId = "";
  private int pid;
  private WorkerState state = WorkerState.STARTING;
  private int lastNumber;
  private long callsDone;
  private long lastEventNanos;
  private long chunkNanos = Long.MAX_VALUE;

  Slot(WorkerPool pool) {
    this.pool = pool;
  }

  String processId() {
    return processId;
  }

  boolean wasReady() {
    return state == WorkerState.IDLE || state == WorkerState.BUSY;
  }

  /**
   * True when its worker died before it could work: before it was ready, or with work of which it
   * had not begun even the first call.
   */
  boolean neverWorked(WorkerDeath death) {
    boolean diedBeforeItsFirstCall =
        callsDone == 0 && death.running() == null && !assigned.isEmpty();
    return !wasReady() || diedBeforeItsFirstCall;
  }

  /** True when it should get another chunk. */
  boolean wantsWork(long nowNanos) {
    if (!wasReady() || session == null) {
      return false;
    }
    if (assigned.isEmpty()) {
      return true;
    }
    long busyNanos = Math.max(chunkNanos, nowNanos - lastEventNanos);
    int depth = busyNanos < VERY_SHORT_NANOS ? DEEPEST : busyNanos < SHORT_NANOS ? 2 : 1;
    return assigned.size() < depth;
  }

  int assign(Chunk chunk, long nowNanos) {
    if (assigned.isEmpty()) {
      lastEventNanos = nowNanos;
    }
    state = WorkerState.BUSY;
    assigned.put(++lastNumber, chunk);
    return lastNumber;
  }

  void callsAnswered(int calls) {
    callsDone += calls;
  }

  void chunkDone(int number, long nowNanos) {
    assigned.remove(number);
    chunkNanos = nowNanos - lastEventNanos;
    lastEventNanos = nowNanos;
    if (assigned.isEmpty()) {
      state = WorkerState.IDLE;
    }
  }

  void markStarted(ProcessSnapshot process, Session itsSession) {
    processId = process.id();
    pid = process.pid();
    session = itsSession;
  }

  void markReady(WorkerLink itsLink) {
    link = itsLink;
    state = WorkerState.IDLE;
  }

  void markLost() {
    state = WorkerState.LOST;
  }

  WorkerSnapshot snapshot() {
    return new WorkerSnapshot(processId, pid, state, callsDone);
  }

  @Override
  public void started(ProcessSnapshot process, Session itsSession) {
    pool.workerStarted(this, process, itsSession);
  }

  @Override
  public void ready(WorkerLink itsLink) {
    pool.workerReady(this, itsLink);
  }

  @Override
  public void results(Results results) {
    pool.results(this, results);
  }

  @Override
  public void failed(int number, int index, Failure failure) {
    pool.failed(this, number, index, failure);
  }

  /** There is no process. */
  void notStarted(Fault fault) {
    pool.workerNotStarted(this, fault);
  }

  @Override
  public void lost(WorkerDeath death) {
    pool.workerLost(this, death);
  }
}
