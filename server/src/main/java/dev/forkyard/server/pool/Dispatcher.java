package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The way of calls through a pool: from their runs to workers, and their outcomes back. Guarded by
 * the pool's lock.
 *
 * <p><b>Fairness.</b> Runs take turns, one chunk each.
 */
final class Dispatcher {
  /** Workers that die with the same call as the next, before it fails. */
  private static final int MOST_UNBEGUN = 3;

  private final PoolLife life;
  private final Crew crew;
  private final CallLimits limits;
  private final int retryLost;
  private final int maxCallsPerWorker;
  private final LongSupplier nanoTime;
  private final Backlog backlog = new Backlog();
  private final Intake intake;
  private final Tally tally = new Tally();

  Dispatcher(
      PoolLife life, Crew crew, CallLimits limits, PoolOptions options, PoolContext context) {
    this.life = life;
    this.crew = crew;
    this.limits = limits;
    this.retryLost = options.retryLost();
    this.maxCallsPerWorker = options.maxCallsPerWorker();
    this.nanoTime = context.nanoTime();
    this.intake = new Intake(backlog, options.maxQueuedCalls(), context.arguments());
  }

  void enter(TaskRun run) {
    life.checkTakesCalls();
    backlog.enter(run);
  }

  Intake intake() {
    return intake;
  }

  /**
   * Takes a chunk, which waits at the door while there is no room.
   *
   * @throws dev.forkyard.server.core.Fault POOL_CLOSED, BAD_CHUNK; it was not taken then
   */
  void submit(Chunk chunk, Afterwards after) {
    if (chunk.run.cancelled) {
      after.add(chunk.hold::release);
      return;
    }
    if (life.state() != PoolState.TERMINATED) {
      life.checkTakesCalls();
    }
    if (chunk.run.open.containsKey(chunk.request.number())) {
      throw PoolFaults.numberTaken(chunk.request.number());
    }
    chunk.run.open.put(chunk.request.number(), chunk);
    if (life.isRunning()) {
      intake.take(chunk);
    } else {
      fail(chunk, life.whyNotRunning(), after);
    }
  }

  /**
   * Takes chunks, all or none, whether there is room or not.
   *
   * @throws dev.forkyard.server.core.Fault POOL_CLOSED
   */
  void letIn(List<Chunk> chunks, Afterwards after) {
    life.checkTakesCalls();
    for (Chunk chunk : chunks) {
      chunk.run.open.put(chunk.request.number(), chunk);
      if (life.isRunning()) {
        backlog.addLast(chunk);
      } else {
        fail(chunk, life.whyNotRunning(), after);
      }
    }
  }

  /** Gives up a chunk of a run. */
  void cancel(TaskRun run, int number, boolean running, Afterwards after) {
    Chunk chunk = run.open.get(number);
    if (chunk == null) {
      return;
    }
    if (chunk.slot == null) {
      intake.remove(chunk);
      fail(chunk, PoolFaults.cancelled(), after);
    } else {
      limits.cancel(chunk.slot, chunk, running);
    }
  }

  /** Gives up everything of a run, and tells it nothing any more. */
  void cancel(TaskRun run, Afterwards after) {
    run.cancelled = true;
    intake.leave(run);
    for (Chunk chunk : intake.drain(run)) {
      fail(chunk, PoolFaults.cancelled(), after);
    }
    for (Chunk chunk : run.open.values()) {
      if (chunk.slot != null) {
        limits.cancel(chunk.slot, chunk, true);
      }
    }
    backlog.leave(run);
  }

  void finishIfDone(TaskRun run, Afterwards after) {
    if (run.noMore && run.open.isEmpty() && run.telling == 0 && backlog.leave(run)) {
      intake.leave(run);
      after.add(run.sink::finished);
    }
  }

  /** Gives queued chunks to workers that want some, and lets in others in their place. */
  void assign(Afterwards after) {
    do {
      assign();
    } while (intake.open(after));
  }

  private void assign() {
    long now = nanoTime.getAsLong();
    for (Slot slot = crew.wanting(now); slot != null; slot = crew.wanting(now)) {
      Chunk chunk = backlog.next();
      if (chunk == null) {
        return;
      }
      assign(slot, chunk, now);
    }
  }

  private void assign(Slot slot, Chunk chunk, long now) {
    tally.assigned(chunk.unanswered());
    slot.assign(chunk, now);
    crew.assign(slot, chunk.assignment, chunk.request, chunk.answered, chunk.hold);
    limits.callBegan(slot);
    if (maxCallsPerWorker > 0 && slot.callsGiven() >= maxCallsPerWorker) {
      crew.letGo(slot);
      crew.fill();
    }
  }

  void results(Slot slot, Results results, Afterwards after) {
    Chunk chunk = slot.assigned.get(results.number());
    if (chunk == null) {
      crew.returned(slot, results.number());
      return;
    }
    if (results.first() != chunk.answered || results.count() > chunk.unanswered()) {
      return; // told twice: over the connection and in the journal
    }
    long now = nanoTime.getAsLong();
    answered(slot, chunk, results.count(), now);
    tally.done(results.count(), now);
    chunk.tellResults(results, after);
    goOn(slot, chunk, now, after);
  }

  void failed(Slot slot, int number, int index, Failure what, Afterwards after) {
    Chunk chunk = slot.assigned.get(number);
    if (chunk == null) {
      crew.failed(slot, number, what.in(slot.processId(), 1));
      return;
    }
    if (index != chunk.answered) {
      return;
    }
    long now = nanoTime.getAsLong();
    Failure its = what.in(slot.processId(), chunk.lostAttempts() + 1);
    Failure told =
        limits.isExpired(slot, chunk) ? PoolFaults.timeout(its, limits.callTimeout()) : its;
    answered(slot, chunk, 1, now);
    tally.failed(1, now);
    chunk.tellFailure(index, told, after);
    goOn(slot, chunk, now, after);
  }

  private void answered(Slot slot, Chunk chunk, int calls, long now) {
    chunk.answer(calls);
    slot.callsAnswered(calls, now);
    limits.callsAnswered(slot);
    tally.takenBack(calls);
    crew.worked();
  }

  /** A worker has answered something of a chunk. */
  private void goOn(Slot slot, Chunk chunk, long now, Afterwards after) {
    if (chunk.isDone()) {
      slot.chunkDone(chunk, now);
      drop(chunk, after);
      limits.chunkBegan(slot);
      crew.awaitLeaving(slot);
    }
    limits.callBegan(slot);
  }

  /** A chunk needs nothing more. */
  private void drop(Chunk chunk, Afterwards after) {
    after.add(chunk.hold::release);
    TaskRun run = chunk.run;
    run.open.remove(chunk.request.number());
    if (!run.cancelled) {
      after.add(run.sink::chunkDone);
      finishIfDone(run, after);
    }
  }

  /**
   * Puts what a dead worker had back to its place; only the call that was running is to blame, and
   * not if it was to end, or the pool stopped the worker for another.
   */
  void takeBack(Slot slot, WorkerDeath death, Afterwards after) {
    List<Chunk> chunks = takeAll(slot);
    if (death.running() == null && !slot.stopped && !chunks.isEmpty()) {
      suspect(slot, chunks.get(0), death, after);
    }
    for (Chunk chunk : chunks) {
      RunningCall first = new RunningCall(chunk.assignment, chunk.answered);
      if (limits.isExpired(slot, chunk)) {
        chunk.crashes++;
        Failure lost = PoolFaults.lost(slot, chunk, death);
        failFirst(chunk, PoolFaults.timeout(lost, limits.callTimeout()), after);
      } else if (first.equals(death.running()) && !chunk.cancelsRunning) {
        blame(slot, chunk, death, after);
      }
      giveBack(chunk, after);
    }
  }

  /** Takes from a worker what it has. */
  private List<Chunk> takeAll(Slot slot) {
    List<Chunk> chunks = new ArrayList<>(slot.assigned.values());
    slot.assigned.clear();
    for (Chunk chunk : chunks) {
      chunk.slot = null;
      tally.takenBack(chunk.unanswered());
    }
    return chunks;
  }

  /** A worker died before it began the call that was the next, which may be what kills workers. */
  private void suspect(Slot slot, Chunk chunk, WorkerDeath death, Afterwards after) {
    chunk.unbegun++;
    if (chunk.unbegun >= MOST_UNBEGUN && !chunk.cancelled && !crew.givesUp()) {
      failFirst(chunk, PoolFaults.notBegun(slot, chunk, death).asPoison(), after);
    }
  }

  private void blame(Slot slot, Chunk chunk, WorkerDeath death, Afterwards after) {
    if (slot.stoppedForACall && retryLost > 0) {
      chunk.spared++;
      return;
    }
    chunk.crashes++;
    if (chunk.crashes > retryLost) {
      Failure lost = PoolFaults.lost(slot, chunk, death);
      failFirst(chunk, retryLost == 0 ? lost : lost.asPoison(), after);
    }
  }

  /** The first unanswered call of a chunk that no worker has fails. */
  private void failFirst(Chunk chunk, Failure why, Afterwards after) {
    tally.failed(1, nanoTime.getAsLong());
    chunk.tellFailure(chunk.answered, why, after);
    chunk.answer(1);
  }

  private void giveBack(Chunk chunk, Afterwards after) {
    if (chunk.isDone()) {
      drop(chunk, after);
    } else if (!life.isRunning()) {
      fail(chunk, life.whyNotRunning(), after);
    } else if (chunk.cancelled || chunk.run.cancelled) {
      fail(chunk, PoolFaults.cancelled(), after);
    } else {
      backlog.putBack(chunk);
    }
  }

  /** Every unanswered call of a chunk that no worker has, and that is not queued, fails. */
  private void fail(Chunk chunk, Failure why, Afterwards after) {
    tally.failed(chunk.unanswered(), nanoTime.getAsLong());
    chunk.tellFailureOfTheRest(why, after);
    chunk.answer(chunk.unanswered());
    drop(chunk, after);
  }

  /** Every call that is not answered fails, because the pool runs no more. */
  void failAll(Afterwards after) {
    for (Chunk chunk : intake.drainAll()) {
      fail(chunk, life.whyNotRunning(), after);
    }
    for (Slot slot : crew.slots()) {
      List<Chunk> chunks = takeAll(slot);
      if (!chunks.isEmpty()) {
        Chunk first = chunks.get(0); // its first call runs, the others have not begun
        Failure why = life.whyNotRunning();
        failFirst(first, why.in(why.workerProcessId(), first.lostAttempts() + 1), after);
      }
      chunks.forEach(chunk -> giveBack(chunk, after));
    }
  }

  /** True when every call that was taken has ended; nothing waits at the door of an empty pool. */
  boolean isDone() {
    return backlog.calls() == 0 && !tally.anyAssigned();
  }

  PoolCounts counts() {
    return tally.counts(backlog.calls(), crew.lost());
  }

  double callsPerSecond() {
    return tally.perSecond(nanoTime.getAsLong());
  }
}
