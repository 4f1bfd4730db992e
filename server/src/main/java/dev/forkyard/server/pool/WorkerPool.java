package dev.forkyard.server.pool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler.Scheduled;
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
 * by the crew, and told by {@link WorkerOrders}.
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
  private final PoolEnd end;
  private final Object lock = new Object();

  private final WorkerOrders orders = new WorkerOrders(this::decide);

  @GuardedBy("lock")
  private final PoolLife life;

  @GuardedBy("lock")
  private final Crew crew;

  @GuardedBy("lock")
  private final Dispatcher dispatcher;

  private final SubmittedTasks tasks;

  /**
   * @throws Fault for handles in the arguments of the initializer that refer to nothing
   */
  WorkerPool(Identity identity, PoolOptions options, PoolContext context) {
    this.identity = identity;
    this.options = options;
    this.context = context;
    this.end = new PoolEnd(identity.id(), this::snapshot, context.scheduler(), context.waiters());
    this.life = new PoolLife(identity.id(), context.nanoTime());
    this.crew = new Crew(this, context, options);
    CallLimits limits = new CallLimits(this, crew, options, context);
    this.dispatcher = new Dispatcher(life, crew, limits, options, context);
    this.tasks =
        new SubmittedTasks(
            options.maxQueuedCalls(), this::newRun, context.handles(), context.submitting());
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
    orders.carryOut();
  }

  /** Begins to run calls of a client that is given nothing but results. */
  TaskRun newRun(OutcomeSink sink) {
    return newRun(sink, null);
  }

  /**
   * Begins to run calls of one client.
   *
   * @param receiver who is given what handles in results refer to; null for nobody
   */
  TaskRun newRun(OutcomeSink sink, @Nullable Session receiver) {
    TaskRun run = new TaskRun(this, sink, receiver);
    synchronized (lock) {
      dispatcher.enter(run);
    }
    return run;
  }

  void submit(TaskRun run, ChunkRequest request) {
    context.arguments().check();
    Chunk chunk = hold(run, request);
    Afterwards after = new Afterwards();
    try {
      synchronized (lock) {
        dispatcher.submit(chunk, after);
      }
    } catch (Fault refused) {
      chunk.hold.revoke();
      throw refused;
    }
    orders.carryOut(after);
  }

  void letIn(TaskRun run, List<ChunkRequest> requests) {
    List<Chunk> chunks = new ArrayList<>();
    Afterwards after = new Afterwards();
    try {
      requests.forEach(request -> chunks.add(hold(run, request)));
      synchronized (lock) {
        dispatcher.letIn(chunks, after);
      }
    } catch (Fault refused) {
      chunks.forEach(chunk -> chunk.hold.revoke());
      throw refused;
    }
    orders.carryOut(after);
  }

  private Chunk hold(TaskRun run, ChunkRequest request) {
    Payload arguments = request.arguments();
    Hold hold = context.handles().hold(arguments.handles());
    return new Chunk(request, context.arguments().countWith(hold, arguments.sizeBytes()), run);
  }

  /** Gives a session what handles in a payload refer to, as far as it exists. */
  void give(Payload payload, Session receiver) {
    Hold hold = context.handles().holdForResult(payload.handles());
    hold.shareWith(receiver);
    hold.release();
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

  void whenMoreFits(TaskRun run, Runnable action) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.intake().whenMoreFits(run, action, after);
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
    orders.carryOut();
  }

  void cancel(TaskRun run, int chunk, boolean running) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.cancel(run, chunk, running, after);
    }
    orders.carryOut(after);
  }

  void cancel(TaskRun run) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.cancel(run, after);
    }
    orders.carryOut(after);
  }

  /** What follows from a change: what workers are told, and afterwards clients. */
  private Afterwards decide(Afterwards after) {
    synchronized (lock) {
      dispatcher.assign(after);
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
    if (!life.isRunning() && crew.isEmpty() && !end.isOver()) {
      crew.end(after);
      end.comes(after);
    }
  }

  void workerStarted(Slot slot, ProcessSnapshot process, Session session) {
    synchronized (lock) {
      slot.markStarted(process, session);
      crew.started(slot);
      crew.connected(slot); // it may have said hello already
    }
    orders.carryOut();
  }

  void workerReady(Slot slot, WorkerLink link) {
    synchronized (lock) {
      slot.link = link;
      crew.connected(slot);
    }
    orders.carryOut();
  }

  void results(Slot slot, Results results) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.results(slot, results, after);
    }
    orders.carryOut(after);
  }

  void failed(Slot slot, int number, int index, Failure what) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      dispatcher.failed(slot, number, index, what, after);
    }
    orders.carryOut(after);
  }

  /** Does something under the lock of the pool some time from now. */
  Scheduled later(Duration delay, Runnable action) {
    return context
        .scheduler()
        .schedule(
            delay,
            () -> {
              synchronized (lock) {
                action.run();
              }
              orders.carryOut();
            });
  }

  void workerLost(Slot slot, WorkerDeath death) {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      boolean unforeseen = life.isRunning() && crew.countLost(slot, death);
      crew.remove(slot);
      dispatcher.takeBack(slot, death, after);
      if (unforeseen && crew.givesUp()) {
        life.fail(PoolFaults.givenUp(identity.id(), slot, death));
        stop(after);
      } else if (unforeseen) {
        crew.fillAfterPause();
      }
    }
    orders.carryOut(after);
  }

  void workerDisconnected(Slot slot) {
    synchronized (lock) {
      slot.markCutOff();
    }
    orders.carryOut();
  }

  /** The process of a worker could not even be created. */
  void workerNotStarted(Slot slot, Fault fault) {
    synchronized (lock) {
      slot.notReady = (id, death) -> PoolFaults.workersDoNotStart(id, fault);
    }
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
    orders.carryOut();
  }

  /** Takes no more calls. */
  void close() {
    synchronized (lock) {
      life.happens(Event.CLOSE);
    }
    orders.carryOut();
  }

  /** Ends the pool: unfinished calls fail, workers are stopped. Does nothing when it has ended. */
  void terminate() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      if (life.happens(Event.TERMINATE)) {
        stop(after);
      }
    }
    orders.carryOut(after);
  }

  @GuardedBy("lock")
  private void stop(Afterwards after) {
    dispatcher.failAll(after);
    crew.stopAll();
  }

  /** Nobody can find it any more: it ends. */
  void forgotten() {
    end.poolIsForgotten();
    terminate();
    tasks.forgetAll(KIND.faultOfMissing(identity.id()));
  }

  /** When it ended, with workers or without; null while calls are run. */
  @Nullable Long endNanos() {
    synchronized (lock) {
      return life.endNanos();
    }
  }

  /** Its end, which comes when its workers have ended, too. */
  PoolEnd end() {
    return end;
  }

  /**
   * Answers when the pool is over, or the time is.
   *
   * @throws Fault JOIN_BEFORE_CLOSE, TOO_MANY_WAITERS
   */
  void await(@Nullable Duration timeout, Reply<WaitAnswer> reply) {
    synchronized (lock) {
      if (life.state() == PoolState.OPEN) {
        throw PoolFaults.waitBeforeClose(identity.id());
      }
    }
    end.await(timeout, reply);
  }

  PoolSnapshot snapshot() {
    synchronized (lock) {
      return new PoolSnapshot(
          identity.id(),
          identity.incarnation(),
          life.state(),
          identity.ownerSessionId(),
          options.retryLost(),
          options.maxQueuedCalls(),
          options.labels(),
          crew.size(),
          crew.snapshot(context.nanoTime().getAsLong()),
          dispatcher.counts(),
          dispatcher.callsPerSecond(),
          life.failure());
    }
  }
}
