package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.pool.PoolState.Event;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pool. Thread-safe.
 *
 * <p><b>Concurrency.</b> Everything is decided under one lock. What must happen outside of it
 * (telling sinks, sending assignments, starting processes) is collected and done afterwards, by the
 * thread that decided it. Assignments of one worker may so be sent by several threads; {@link
 * #dispatching} lets only one at a time do it.
 *
 * <p><b>Fairness.</b> Runs take turns, one chunk each.
 */
final class WorkerPool {
  static final Registry.Kind KIND =
      new Registry.Kind(
          "pool", "pool", Reason.POOL_NOT_FOUND, Reason.POOL_EXISTS, Reason.TOO_MANY_POOLS);

  /** Workers that died before they were ready, one after the other, before the pool gives up. */
  private static final int MOST_FAILED_STARTS = 3;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);

  private final String id;
  private final PoolOptions options;
  private final WorkerStarter starter;
  private final Handles handles;
  private final Scheduler scheduler;
  private final Object lock = new Object();

  /**
   * Held while assignments are sent, so that a worker gets them in order. Taken before {@link
   * #lock}.
   */
  private final Object dispatching = new Object();

  @GuardedBy("lock")
  private final Set<Slot> slots = new LinkedHashSet<>();

  @GuardedBy("lock")
  private final Backlog backlog = new Backlog();

  @GuardedBy("lock")
  private PoolState state = PoolState.OPEN;

  @GuardedBy("lock")
  private @Nullable Failure failure;

  @GuardedBy("lock")
  private int failedStarts;

  @GuardedBy("lock")
  private final Tally tally = new Tally();

  /** Starts the process of a worker. */
  interface WorkerStarter {
    void start(Slot slot);

    void stop(String processId);
  }

  WorkerPool(
      String id, PoolOptions options, WorkerStarter starter, Handles handles, Scheduler scheduler) {
    this.id = id;
    this.options = options;
    this.starter = starter;
    this.handles = handles;
    this.scheduler = scheduler;
  }

  /** Starts the workers. */
  void open() {
    for (int i = 0; i < options.workers(); i++) {
      startWorker();
    }
  }

  private void startWorker() {
    Slot slot = new Slot(this);
    synchronized (lock) {
      if (state != PoolState.OPEN) {
        return;
      }
      slots.add(slot);
    }
    starter.start(slot);
  }

  TaskRun newRun(OutcomeSink sink) {
    TaskRun run = new TaskRun(this, sink);
    synchronized (lock) {
      if (state == PoolState.TERMINATED) {
        throw KIND.faultOfMissing(id);
      }
      backlog.enter(run);
    }
    return run;
  }

  void submit(TaskRun run, ChunkRequest request) {
    Hold hold = handles.hold(request.arguments().handles());
    Chunk chunk = new Chunk(request, hold, run);
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.open++;
      if (run.cancelled) {
        drop(chunk, after);
      } else if (state != PoolState.OPEN) {
        fail(chunk, whyNotOpen(), after);
      } else {
        backlog.addLast(chunk);
      }
    }
    after.run();
    dispatch();
  }

  @GuardedBy("lock")
  private Failure whyNotOpen() {
    return failure != null
        ? failure
        : Failure.of(
            Kind.CANCELLED, "The pool \"" + id + "\" was terminated before the call finished.");
  }

  void noMoreChunks(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.noMore = true;
      finishIfDone(run, after);
    }
    after.run();
  }

  /** A decided outcome was told. */
  void told(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.telling--;
      finishIfDone(run, after);
    }
    after.run();
  }

  void pause(TaskRun run, boolean hold) {
    synchronized (lock) {
      if (run.paused == hold) {
        return;
      }
      run.paused = hold;
    }
    dispatch();
  }

  void cancel(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.cancelled = true;
      for (Chunk chunk : backlog.drain(run)) {
        drop(chunk, after);
      }
      backlog.leave(run);
    }
    after.run();
  }

  /** Gives queued chunks to workers that want some. */
  private void dispatch() {
    synchronized (dispatching) {
      Afterwards after = new Afterwards();
      synchronized (lock) {
        long now = System.nanoTime();
        for (Slot slot = wanting(now); slot != null; slot = wanting(now)) {
          Chunk chunk = backlog.next();
          if (chunk == null) {
            break;
          }
          assign(slot, chunk, now, after);
        }
      }
      after.run();
    }
  }

  /** The worker that should get the next chunk: the one that has least. */
  @GuardedBy("lock")
  private @Nullable Slot wanting(long now) {
    Slot best = null;
    for (Slot slot : slots) {
      if (slot.wantsWork(now) && (best == null || slot.assigned.size() < best.assigned.size())) {
        best = slot;
      }
    }
    return best;
  }

  @GuardedBy("lock")
  private void assign(Slot slot, Chunk chunk, long now, Afterwards after) {
    tally.assigned += chunk.unanswered();
    int number = slot.assign(chunk, now);
    ChunkRequest request = chunk.request;
    Assignment assignment =
        new Assignment(
            number, request.function(), chunk.answered, request.count(), request.arguments());
    Session session = Objects.requireNonNull(slot.session);
    WorkerLink link = Objects.requireNonNull(slot.link);
    after.add(
        () -> {
          chunk.hold.shareWith(session);
          link.assign(assignment);
        });
  }

  void workerStarted(Slot slot, ProcessSnapshot process, Session session) {
    boolean tooLate;
    synchronized (lock) {
      slot.markStarted(process, session);
      tooLate = state != PoolState.OPEN;
    }
    if (tooLate) {
      starter.stop(process.id());
    } else {
      dispatch(); // the worker may have said hello already
    }
  }

  void workerReady(Slot slot, WorkerLink link) {
    synchronized (lock) {
      slot.markReady(link);
    }
    dispatch();
  }

  void results(Slot slot, Results results) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      Chunk chunk = slot.assigned.get(results.number());
      if (chunk == null
          || results.first() != chunk.answered
          || results.count() > chunk.unanswered()) {
        return; // told twice: over the connection and in the journal
      }
      answered(slot, chunk, results.count());
      tally.done += results.count();
      chunk.tellResults(results, after);
      endIfDone(slot, results.number(), chunk, after);
    }
    after.run();
    dispatch();
  }

  void failed(Slot slot, int number, int index, Failure what) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      Chunk chunk = slot.assigned.get(number);
      if (chunk == null || index != chunk.answered) {
        return;
      }
      Failure told = what.in(slot.processId(), chunk.crashes + 1);
      answered(slot, chunk, 1);
      tellFailure(chunk, index, told, after);
      endIfDone(slot, number, chunk, after);
    }
    after.run();
    dispatch();
  }

  @GuardedBy("lock")
  private void answered(Slot slot, Chunk chunk, int calls) {
    chunk.answer(calls);
    slot.callsAnswered(calls);
    tally.assigned -= calls;
    failedStarts = 0;
  }

  @GuardedBy("lock")
  private void tellFailure(Chunk chunk, int index, Failure what, Afterwards after) {
    tally.failed++;
    chunk.tellFailure(index, what, after);
  }

  @GuardedBy("lock")
  private void endIfDone(Slot slot, int number, Chunk chunk, Afterwards after) {
    if (chunk.isDone()) {
      slot.chunkDone(number, System.nanoTime());
      drop(chunk, after);
    }
  }

  /** A chunk needs nothing more. */
  @GuardedBy("lock")
  private void drop(Chunk chunk, Afterwards after) {
    after.add(chunk.hold::release);
    TaskRun run = chunk.run;
    run.open--;
    if (!run.cancelled) {
      after.add(run.sink::chunkDone);
      finishIfDone(run, after);
    }
  }

  @GuardedBy("lock")
  private void finishIfDone(TaskRun run, Afterwards after) {
    if (run.noMore && run.open == 0 && run.telling == 0 && backlog.leave(run)) {
      after.add(run.sink::finished);
    }
  }

  void workerLost(Slot slot, WorkerDeath death) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      boolean failedToStart = slot.neverWorked(death);
      slots.remove(slot);
      slot.markLost();
      takeBack(slot, death, after);
      if (state == PoolState.OPEN) {
        tally.workersLost++;
        failedStarts = failedToStart ? failedStarts + 1 : 0;
        replaceOrGiveUp(death, after);
      }
    }
    after.run();
    dispatch();
  }

  /** The process of a worker could not even be created. */
  void workerNotStarted(Slot slot, Fault fault) {
    workerLost(slot, new WorkerDeath(fault.sentence(), false, "", null));
  }

  /**
   * Puts what a dead worker had back to the front, in order; only the call that was running is to
   * blame.
   */
  @GuardedBy("lock")
  private void takeBack(Slot slot, WorkerDeath death, Afterwards after) {
    RunningCall running = death.running();
    List<Chunk> left = new ArrayList<>();
    slot.assigned.forEach(
        (number, chunk) -> {
          if (running != null && running.number() == number && running.index() == chunk.answered) {
            blame(slot, chunk, death, after);
          }
          left.add(chunk);
        });
    slot.assigned.clear();
    for (int i = left.size() - 1; i >= 0; i--) {
      giveBack(left.get(i), after);
    }
  }

  @GuardedBy("lock")
  private void blame(Slot slot, Chunk chunk, WorkerDeath death, Afterwards after) {
    chunk.crashes++;
    if (chunk.crashes <= options.retryLost()) {
      return;
    }
    Failure lost =
        Failure.of(
                Kind.WORKER_LOST, "The worker died while it ran the call: " + death.inWords() + ".")
            .in(slot.processId(), chunk.crashes)
            .withEvidence(death.inWords(), death.stderrTail());
    tellFailure(chunk, chunk.answered, lost, after);
    tally.assigned--;
    chunk.answer(1);
  }

  @GuardedBy("lock")
  private void giveBack(Chunk chunk, Afterwards after) {
    tally.assigned -= chunk.unanswered();
    if (chunk.isDone() || chunk.run.cancelled) {
      drop(chunk, after);
    } else if (state != PoolState.OPEN) {
      fail(chunk, whyNotOpen(), after);
    } else {
      backlog.addFirst(chunk);
    }
  }

  @GuardedBy("lock")
  private void fail(Chunk chunk, Failure why, Afterwards after) {
    tally.failed += chunk.unanswered();
    chunk.tellFailureOfTheRest(why, after);
    chunk.answered = chunk.request.count();
    drop(chunk, after);
  }

  @GuardedBy("lock")
  private void replaceOrGiveUp(WorkerDeath death, Afterwards after) {
    if (failedStarts < MOST_FAILED_STARTS) {
      Duration backoff =
          failedStarts == 0 ? Duration.ZERO : FIRST_BACKOFF.multipliedBy(failedStarts);
      scheduler.schedule(backoff, this::startWorker);
      return;
    }
    Failure why =
        Failure.of(
                Kind.POOL_FAILED,
                "The workers of pool \""
                    + id
                    + "\" end before they are ready for work: "
                    + death.inWords()
                    + ". Look at what they wrote to standard error.")
            .withEvidence(death.inWords(), death.stderrTail());
    end(Event.WORKERS_CANNOT_START, why, after);
  }

  /** Ends the pool: unfinished calls fail, workers are stopped. */
  void terminate() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (PoolState.TABLE.allows(state, Event.TERMINATE)) {
        end(Event.TERMINATE, null, after);
      }
    }
    after.run();
  }

  @GuardedBy("lock")
  private void end(Event event, @Nullable Failure why, Afterwards after) {
    state = PoolState.TABLE.after(state, event);
    if (failure == null) {
      failure = why;
    }
    for (Chunk chunk : backlog.drainAll()) {
      fail(chunk, whyNotOpen(), after);
    }
    for (Slot slot : slots) {
      abandon(slot, after);
      if (!slot.processId().isEmpty()) {
        after.add(() -> starter.stop(slot.processId()));
      }
    }
  }

  @GuardedBy("lock")
  private void abandon(Slot slot, Afterwards after) {
    for (Chunk chunk : slot.assigned.values()) {
      giveBack(chunk, after);
    }
    slot.assigned.clear();
  }

  PoolSnapshot snapshot(String ownerSessionId) {
    synchronized (lock) {
      return new PoolSnapshot(
          id,
          state,
          ownerSessionId,
          options.retryLost(),
          slots.stream().map(Slot::snapshot).toList(),
          tally.counts(backlog.calls()),
          failure);
    }
  }
}
