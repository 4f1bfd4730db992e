package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.WorkerListener;
import java.time.Duration;
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

  /** Number of the assignment that is the initializer; 0 for none. */
  int initializer;

  /** Why it did not get ready, if that is known before its end. */
  @Nullable NotReady notReady;

  /** The call whose time was over. */
  @Nullable RunningCall expired;

  /** Looks after the time of its calls. */
  @Nullable Scheduled callTimer;

  /** Until it is stopped for the call that it runs. */
  @Nullable Scheduled callGrace;

  /** Until it is stopped for the chunk that it runs. */
  @Nullable Scheduled chunkGrace;

  /** Looks after its hello. */
  @Nullable Scheduled startTimer;

  /** Looks after its leaving. */
  @Nullable Scheduled leaveTimer;

  /** True once its process is to be stopped. */
  boolean stopped;

  /** True once that is because of a call that did not end. */
  boolean stoppedForACall;

  /** True once its connection has ended. */
  private boolean cutOff;

  private String processId = "";
  private int pid;
  private WorkerState state = WorkerState.STARTING;
  private int lastNumber;
  private long callsGiven;
  private long callsDone;
  private long callBegan;
  private long chunkBegan;
  private long chunkNanos = Long.MAX_VALUE;
  private long busySince;
  private long busyNanos;

  Slot(WorkerPool pool) {
    this.pool = pool;
  }

  String processId() {
    return processId;
  }

  WorkerState state() {
    return state;
  }

  /** True when assignments can be sent to it. */
  boolean isConnected() {
    return link != null && session != null;
  }

  boolean isReady() {
    return !cutOff && !stopped && (state == WorkerState.IDLE || state == WorkerState.BUSY);
  }

  /** What it runs; null while it has nothing. */
  @Nullable Chunk head() {
    return assigned.isEmpty() ? null : assigned.values().iterator().next();
  }

  /** When the call that it runs began, as far as the daemon can know. */
  long callBegan() {
    return callBegan;
  }

  /** How many calls it was given. */
  long callsGiven() {
    return callsGiven;
  }

  /** True when its worker died with work of which it had not begun even the first call. */
  boolean diedBeforeItsFirstCall(WorkerDeath death) {
    return callsDone == 0 && death.running() == null && !assigned.isEmpty();
  }

  /** True when it has finished a call. */
  boolean hasWorked() {
    return callsDone > 0;
  }

  /** True when it should get another chunk. */
  boolean wantsWork(long nowNanos) {
    if (!isReady()) {
      return false;
    }
    if (assigned.isEmpty()) {
      return true;
    }
    if (!pool.worksAhead()) {
      return false;
    }
    long nanos = Math.max(chunkNanos, nowNanos - chunkBegan);
    int depth = nanos < VERY_SHORT_NANOS ? DEEPEST : nanos < SHORT_NANOS ? 2 : 1;
    return assigned.size() < depth;
  }

  /** The number for another assignment. */
  int nextNumber() {
    return ++lastNumber;
  }

  void assign(Chunk chunk, long nowNanos) {
    if (assigned.isEmpty()) {
      chunkBegan = nowNanos;
      callBegan = nowNanos;
      busySince = nowNanos;
    }
    state = WorkerState.BUSY;
    chunk.slot = this;
    chunk.assignment = nextNumber();
    assigned.put(chunk.assignment, chunk);
    callsGiven += chunk.unanswered();
  }

  void callsAnswered(int calls, long nowNanos) {
    callsDone += calls;
    callBegan = nowNanos;
  }

  void chunkDone(Chunk chunk, long nowNanos) {
    assigned.remove(chunk.assignment);
    chunkNanos = nowNanos - chunkBegan;
    chunkBegan = nowNanos;
    if (assigned.isEmpty()) {
      busyNanos += nowNanos - busySince;
      state = state == WorkerState.BUSY ? WorkerState.IDLE : state;
    }
  }

  void markStarted(ProcessSnapshot process, Session itsSession) {
    processId = process.id();
    pid = process.pid();
    session = itsSession;
  }

  void markReady() {
    state = WorkerState.IDLE;
  }

  void markCutOff() {
    cutOff = true;
  }

  void markLeaving() {
    state = WorkerState.LEAVING;
  }

  /** Nothing happens to it any more. */
  void markLost() {
    state = WorkerState.LEAVING;
    cancel(callTimer);
    cancel(callGrace);
    cancel(chunkGrace);
    cancel(startTimer);
    cancel(leaveTimer);
  }

  static void cancel(@Nullable Scheduled timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  WorkerSnapshot snapshot(long nowNanos) {
    long nanos = assigned.isEmpty() ? busyNanos : busyNanos + nowNanos - busySince;
    WorkerState shown = stopped || cutOff ? WorkerState.LEAVING : state;
    return new WorkerSnapshot(processId, pid, shown, callsDone, Duration.ofNanos(nanos), 0);
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

  @Override
  public void disconnected() {
    pool.workerDisconnected(this);
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
