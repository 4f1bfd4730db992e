package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.pool.Crew.WorkerStarter;
import dev.forkyard.server.pool.PoolState.Event;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerLink;

/**
 * One pool. Thread-safe.
 *
 * <p><b>Concurrency.</b> Everything is decided under one lock. What must happen outside of it
 * (telling sinks, sending assignments, starting processes) is collected and done afterwards, by the
 * thread that decided it. Assignments of one worker may so be sent by several threads; {@link
 * #dispatching} lets only one at a time do it.
 */
final class WorkerPool {
  static final Registry.Kind KIND =
      new Registry.Kind(
          "pool", "pool", Reason.POOL_NOT_FOUND, Reason.POOL_EXISTS, Reason.TOO_MANY_POOLS);

  private final String id;
  private final PoolOptions options;
  private final Handles handles;
  private final Scheduler scheduler;
  private final Object lock = new Object();

  /**
   * Held while assignments are sent, so that a worker gets them in order. Taken before {@link
   * #lock}.
   */
  private final Object dispatching = new Object();

  @GuardedBy("lock")
  private final PoolLife life;

  @GuardedBy("lock")
  private final Crew crew;

  @GuardedBy("lock")
  private final Dispatcher dispatcher;

  WorkerPool(
      String id, PoolOptions options, WorkerStarter starter, Handles handles, Scheduler scheduler) {
    this.id = id;
    this.options = options;
    this.handles = handles;
    this.scheduler = scheduler;
    this.life = new PoolLife(id);
    this.crew = new Crew(id, starter);
    this.dispatcher = new Dispatcher(life, crew, options.retryLost());
  }

  /** Starts the workers. */
  void open() {
    for (int i = 0; i < options.workers(); i++) {
      startWorker();
    }
  }

  private void startWorker() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (life.isRunning()) {
        crew.start(new Slot(this), after);
      }
    }
    after.run();
  }

  TaskRun newRun(OutcomeSink sink) {
    TaskRun run = new TaskRun(this, sink);
    synchronized (lock) {
      if (life.state() == PoolState.TERMINATED) {
        throw KIND.faultOfMissing(id);
      }
      dispatcher.enter(run);
    }
    return run;
  }

  void submit(TaskRun run, ChunkRequest request) {
    Hold hold = handles.hold(request.arguments().handles());
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.submit(new Chunk(request, hold, run), after);
    }
    after.run();
    dispatch();
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

  void cancel(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.cancel(run, after);
    }
    after.run();
  }

  private void dispatch() {
    synchronized (dispatching) {
      Afterwards after = new Afterwards();
      synchronized (lock) {
        dispatcher.assign(after);
      }
      after.run();
    }
  }

  void workerStarted(Slot slot, ProcessSnapshot process, Session session) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      slot.markStarted(process, session);
      if (!life.isRunning()) {
        crew.stop(slot, after);
      }
    }
    after.run();
    dispatch(); // the worker may have said hello already
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

  void workerLost(Slot slot, WorkerDeath death) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      boolean failedToStart = slot.neverWorked(death);
      crew.remove(slot);
      dispatcher.takeBack(slot, death, after);
      if (life.isRunning()) {
        crew.countLost(failedToStart);
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

  @GuardedBy("lock")
  private void replaceOrGiveUp(WorkerDeath death, Afterwards after) {
    if (crew.givesUp()) {
      life.fail(crew.whyGivenUp(death));
      end(after);
    } else {
      scheduler.schedule(crew.backoff(), this::startWorker);
    }
  }

  /** Ends the pool: unfinished calls fail, workers are stopped. */
  void terminate() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (life.allows(Event.TERMINATE)) {
        life.change(Event.TERMINATE);
        end(after);
      }
    }
    after.run();
  }

  @GuardedBy("lock")
  private void end(Afterwards after) {
    dispatcher.failAll(after);
    crew.stopAll(after);
  }

  PoolSnapshot snapshot(String ownerSessionId) {
    synchronized (lock) {
      return new PoolSnapshot(
          id,
          life.state(),
          ownerSessionId,
          options.retryLost(),
          crew.snapshot(),
          dispatcher.counts(),
          life.failure());
    }
  }
}
