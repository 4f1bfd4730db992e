package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.pool.Crew.WorkerStarter;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StopAnswer;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.OwnedThings;
import dev.forkyard.server.session.OwnedThings.Owned;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.worker.Workers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The pools of the daemon by name. Thread-safe; no method waits, and each throws {@link Fault} for
 * what it refuses.
 */
public final class PoolManager {
  private static final Duration STOP_GRACE = Duration.ofSeconds(1);

  private final OwnedThings<WorkerPool> pools;
  private final Workers workers;
  private final ProcessManager processes;
  private final Handles handles;
  private final Scheduler scheduler;

  public PoolManager(
      int limit, Workers workers, ProcessManager processes, Handles handles, Scheduler scheduler) {
    this.pools = new OwnedThings<>(WorkerPool.KIND, limit, WorkerPool::terminate);
    this.workers = workers;
    this.processes = processes;
    this.handles = handles;
    this.scheduler = scheduler;
  }

  /** Creates a pool and begins to start its workers. */
  public PoolSnapshot create(String id, PoolOptions options, Owner owner) {
    Owned<WorkerPool> owned =
        pools.create(
            id,
            owner,
            newId -> new WorkerPool(newId, options, new Starter(options), handles, scheduler));
    owned.thing().open();
    return snapshot(owned);
  }

  private static PoolSnapshot snapshot(Owned<WorkerPool> owned) {
    return owned.thing().snapshot(owned.owner().sessionId());
  }

  public PoolSnapshot get(String id) {
    return snapshot(pools.get(id));
  }

  /** Begins to run calls of one client. */
  public TaskRun run(String id, OutcomeSink sink) {
    return pools.get(id).thing().newRun(sink);
  }

  /** Ends a pool and forgets it; answers what it was. */
  public PoolSnapshot terminate(String id) {
    Owned<WorkerPool> owned = pools.get(id);
    pools.delete(owned);
    return snapshot(owned);
  }

  /** Ends every pool. */
  public void terminateAll() {
    pools.endAll();
  }

  public int size() {
    return pools.size();
  }

  private final class Starter implements WorkerStarter {
    private final PoolOptions options;

    Starter(PoolOptions options) {
      this.options = options;
    }

    @Override
    public void start(Slot slot) {
      Workers.Request request =
          new Workers.Request(
              "",
              options.worker(),
              Workers.Mode.POOL,
              null,
              new Owner(null),
              ProcessOptions.DEFAULT);
      workers.start(request, slot, CompletableFuture.completedFuture(null), new StartReply(slot));
    }

    @Override
    public void stop(String processId) {
      processes.stop(processId, STOP_GRACE, ExitCause.POOL_TERMINATED, IGNORED);
    }
  }

  /**
   * Tells the pool when there is no process; that there is one, it learns as the worker's listener.
   */
  private record StartReply(Slot slot) implements Reply<ProcessSnapshot> {
    @Override
    public void answer(ProcessSnapshot process) {}

    @Override
    public void refuse(Fault fault) {
      slot.notStarted(fault);
    }

    @Override
    public void whenGone(Runnable action) {}
  }

  private static final Reply<StopAnswer> IGNORED =
      new Reply<>() {
        @Override
        public void answer(StopAnswer answer) {}

        @Override
        public void refuse(Fault fault) {}

        @Override
        public void whenGone(Runnable action) {}
      };
}
