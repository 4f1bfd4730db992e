package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.pool.PoolState.Event;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pool. Thread-safe, and no method waits.
 *
 * <p><b>Concurrency.</b> Everything is decided under one lock, by three that know nothing of locks:
 * the life of the pool, its crew, and the dispatcher. What must happen outside of the lock is
 * collected and done afterwards, by the thread that decided it. What workers are told is collected
 * by the crew; several threads may so have something to tell to one worker, and {@link
 * #dispatching} lets one at a time do it, in order.
 */
final class WorkerPool {
  static final Registry.Kind KIND =
      new Registry.Kind(
          "pool", "pool", Reason.POOL_NOT_FOUND, Reason.POOL_EXISTS, Reason.TOO_MANY_POOLS);

  /** What tells it from other pools. */
  record Identity(String id, long incarnation, String ownerSessionId) {}

  private final Identity identity;
  private final PoolOptions options;
  private final PoolContext context;
  private final Waiters<Reply<WaitAnswer>> waiters;
  private final Object lock = new Object();

  /** Held while workers are told something. Taken before {@link #lock}. */
  private final Object dispatching = new Object();

  /** There is more to dispatch. */
  @GuardedBy("dispatching")
  private boolean again;

  @GuardedBy("lock")
  private final PoolLife life;

  @GuardedBy("lock")
  private final Crew crew;

  @GuardedBy("lock")
  private final CallLimits limits;

  @GuardedBy("lock")
  private final Dispatcher dispatcher;

  /** What lets it be forgotten some time after its end. */
  @GuardedBy("lock")
  private @Nullable Scheduled forgetting;

  @GuardedBy("lock")
  private boolean forgotten;

  private final SubmittedTasks tasks;

  /**
   * @throws Fault for handles in the arguments of the initializer that refer to nothing
   */
  WorkerPool(Identity identity, PoolOptions options, PoolContext context) {
    this.identity = identity;
    this.options = options;
    this.context = context;
    this.waiters = new Waiters<>(context.scheduler(), context.waiters());
    this.life = new PoolLife(identity.id());
    this.crew = new Crew(this, context, options);
    this.limits = new CallLimits(this, crew, options, context);
    this.dispatcher = new Dispatcher(life, crew, limits, options, context.nanoTime());
    this.tasks = new SubmittedTasks(options.maxQueuedCalls(), this::newRun, context.submitting());
  }

  /** What was submitted to it. */
  SubmittedTasks tasks() {
    return tasks;
  }

  /**
   * Whether its workers may have several chunks: they note what they do, so that a death blames the
   * call that ran.
   */
  boolean worksAhead() {
    return options.worker().hasJournal();
  }

  /** Starts the workers. */
  void open() {
    dispatch();
  }

  TaskRun newRun(OutcomeSink sink) {
    TaskRun run = new TaskRun(this, sink);
    synchronized (lock) {
      dispatcher.enter(run);
    }
    return run;
  }

  void submit(TaskRun run, ChunkRequest request) {
    Hold hold = context.handles().hold(request.arguments().handles());
    Afterwards after = new Afterwards();
    try {
      synchronized (lock) {
        dispatcher.submit(new Chunk(request, hold, run), after);
      }
    } catch (Fault refused) {
      hold.release();
      throw refused;
    }
    after.run();
    dispatch();
  }

  void submitAll(TaskRun run, List<ChunkRequest> requests) {
    List<Chunk> chunks = hold(run, requests);
    Afterwards after = new Afterwards();
    try {
      synchronized (lock) {
        life.checkTakesCalls();
        for (Chunk chunk : chunks) {
          dispatcher.submit(chunk, after);
        }
      }
    } catch (Fault refused) {
      chunks.forEach(chunk -> chunk.hold.release());
      throw refused;
    }
    after.run();
    dispatch();
  }

  private List<Chunk> hold(TaskRun run, List<ChunkRequest> requests) {
    List<Chunk> chunks = new ArrayList<>();
    try {
      for (ChunkRequest request : requests) {
        Hold hold = context.handles().hold(request.arguments().handles());
        chunks.add(new Chunk(request, hold, run));
      }
    } catch (Fault missing) {
      chunks.forEach(chunk -> chunk.hold.release());
      throw missing;
    }
    return chunks;
  }

  boolean isAssigned(TaskRun run, int number) {
    synchronized (lock) {
      Chunk chunk = run.open.get(number);
      return chunk != null && chunk.slot != null;
    }
  }

  void whenRoom(TaskRun run, Runnable action) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.intake().whenRoom(run, action, after);
    }
    after.run();
  }

  void noMoreChunks(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.noMore = true;
      dispatcher.finishIfDone(run, after);
    }
    after.run();
  }

  /** A decided outcome was told. */
  void told(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      run.telling--;
      dispatcher.finishIfDone(run, after);
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

  void cancel(TaskRun run, int chunk, boolean running) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.cancel(run, chunk, running, after);
    }
    after.run();
    dispatch();
  }

  void cancel(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.cancel(run, after);
    }
    after.run();
    dispatch();
  }

  /** Does what follows from a change: with workers, then with clients. */
  private void dispatch() {
    if (Thread.holdsLock(dispatching)) {
      synchronized (dispatching) {
        again = true; // a worker was told something, and that has changed something
      }
      return;
    }
    Afterwards after = new Afterwards();
    synchronized (dispatching) {
      do {
        again = false;
        orders(after).run();
      } while (again);
    }
    after.run();
  }

  private Afterwards orders(Afterwards after) {
    synchronized (lock) {
      dispatcher.assign();
      dispatcher.intake().open(after);
      settle(after);
      return crew.takeOrders();
    }
  }

  @GuardedBy("lock")
  private void settle(Afterwards after) {
    boolean closes = life.state() == PoolState.CLOSING && dispatcher.isDone();
    if (closes) {
      crew.letAllGo();
    } else if (life.isRunning()) {
      crew.fill();
    }
    if (closes && crew.isEmpty()) {
      life.happens(Event.WORKERS_LEFT);
    }
    if (!life.isRunning() && crew.isEmpty() && !life.isOver()) {
      crew.end();
      life.finish().forEach(after::add);
      for (Reply<WaitAnswer> reply : waiters.claimAllIf(any -> true)) {
        after.add(() -> reply.answer(new WaitAnswer(snapshot(), false)));
      }
    }
  }

  void workerStarted(Slot slot, ProcessSnapshot process, Session session) {
    synchronized (lock) {
      slot.markStarted(process, session);
      crew.started(slot);
      crew.connected(slot); // it may have said hello already
    }
    dispatch();
  }

  void workerReady(Slot slot, WorkerLink link) {
    synchronized (lock) {
      slot.link = link;
      crew.connected(slot);
    }
    dispatch();
  }

  void results(Slot slot, Results results) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.results(slot, results, after);
    }
    after.run();
    dispatch();
  }

  void failed(Slot slot, int number, int index, Failure what) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.failed(slot, number, index, what, after);
    }
    after.run();
    dispatch();
  }

  /** The time of the call that a worker runs may be over. */
  void checkCallTime(Slot slot) {
    synchronized (lock) {
      limits.checkCallTime(slot);
    }
    dispatch();
  }

  /** A worker was asked to end a call, or all of a chunk, some time ago. */
  void graceIsOver(Slot slot, Chunk chunk, int index) {
    synchronized (lock) {
      limits.graceIsOver(slot, chunk, index);
    }
    dispatch();
  }

  void workerDoesNotLeave(Slot slot) {
    synchronized (lock) {
      crew.doesNotLeave(slot);
    }
    dispatch();
  }

  /** Another worker may be started now. */
  void pauseIsOver() {
    synchronized (lock) {
      crew.pauseIsOver();
    }
    dispatch();
  }

  void workerLost(Slot slot, WorkerDeath death) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      boolean unforeseen = life.isRunning() && crew.countLost(slot, death);
      crew.remove(slot);
      dispatcher.takeBack(slot, death, after);
      if (unforeseen && crew.givesUp()) {
        life.fail(whyGivenUp(slot, death));
        end(after);
      } else if (unforeseen) {
        crew.fillAfterPause();
      }
    }
    after.run();
    dispatch();
  }

  private Failure whyGivenUp(Slot slot, WorkerDeath death) {
    Failure last = slot.initializerFailure;
    return last == null
        ? PoolFaults.workersEnd(identity.id(), death)
        : PoolFaults.initializerFails(identity.id(), last, death);
  }

  /** The process of a worker could not even be created. */
  void workerNotStarted(Slot slot, Fault fault) {
    workerLost(slot, new WorkerDeath(fault.sentence(), false, "", null));
  }

  /**
   * Changes the number of workers.
   *
   * @throws Fault POOL_CLOSED
   */
  void resize(int workers) {
    synchronized (lock) {
      if (life.state() != PoolState.OPEN) {
        throw PoolFaults.closed(identity.id(), life.state());
      }
      crew.resize(workers);
    }
    dispatch();
  }

  /** Takes no more calls. */
  void close() {
    synchronized (lock) {
      life.happens(Event.CLOSE);
    }
    dispatch();
  }

  /** Ends the pool: unfinished calls fail, workers are stopped. Does nothing when it has ended. */
  void terminate() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (life.happens(Event.TERMINATE)) {
        end(after);
      }
    }
    after.run();
    dispatch();
  }

  @GuardedBy("lock")
  private void end(Afterwards after) {
    dispatcher.failAll(after);
    crew.stopAll();
  }

  /** Is forgotten some time from now, unless that happens before. */
  void forgetLater(Duration delay, Runnable forget) {
    synchronized (lock) {
      if (!forgotten) {
        forgetting = context.scheduler().schedule(delay, forget);
      }
    }
  }

  /** Nobody can find it any more: it ends. */
  void forgotten() {
    synchronized (lock) {
      forgotten = true;
      if (forgetting != null) {
        forgetting.cancel();
      }
    }
    terminate();
    tasks.forgetAll(KIND.faultOfMissing(identity.id()));
  }

  /** True when calls are run, so that it cannot be forgotten. */
  boolean isRunning() {
    synchronized (lock) {
      return life.isRunning();
    }
  }

  /** True when it has ended and its workers have, too. */
  boolean isOver() {
    synchronized (lock) {
      return life.isOver();
    }
  }

  /** Runs an action when the pool is over; at once when it is. */
  void whenOver(Runnable action) {
    synchronized (lock) {
      if (!life.isOver()) {
        life.listen(action);
        return;
      }
    }
    action.run();
  }

  void forgetListener(Runnable action) {
    synchronized (lock) {
      life.forget(action);
    }
  }

  /**
   * Answers when the pool is over, or the time is.
   *
   * @throws Fault JOIN_BEFORE_CLOSE, TOO_MANY_WAITERS
   */
  void await(@Nullable Duration timeout, Reply<WaitAnswer> reply) {
    Wait wait = null;
    boolean over;
    synchronized (lock) {
      if (life.state() == PoolState.OPEN) {
        throw PoolFaults.waitBeforeClose(identity.id());
      }
      over = life.isOver();
      if (!over && !Timeouts.isZero(timeout)) {
        wait = waiters.park(reply, timeout, how -> gaveUp(reply, how));
      }
    }
    if (wait == null) {
      reply.answer(new WaitAnswer(snapshot(), !over));
    } else {
      reply.whenGone(wait::cancel);
    }
  }

  private void gaveUp(Reply<WaitAnswer> reply, GaveUp how) {
    if (how == GaveUp.TIMED_OUT) {
      reply.answer(new WaitAnswer(snapshot(), true));
    } else {
      reply.refuse(PoolFaults.waitCancelled(identity.id()));
    }
  }

  PoolSnapshot snapshot() {
    synchronized (lock) {
      return new PoolSnapshot(
          identity.id(),
          identity.incarnation(),
          life.state(),
          identity.ownerSessionId(),
          options.retryLost(),
          options.labels(),
          crew.size(),
          crew.snapshot(context.nanoTime().getAsLong()),
          dispatcher.counts(),
          dispatcher.callsPerSecond(),
          life.failure());
    }
  }
}
