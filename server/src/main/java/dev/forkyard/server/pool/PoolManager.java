package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.pool.WorkerPool.WorkerStarter;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.StopAnswer;
import dev.forkyard.server.session.Handles;
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

  private record Owned(WorkerPool pool, Owner owner) {
    PoolSnapshot snapshot() {
      return pool.snapshot(owner.sessionId());
    }
  }

  private final Registry<Owned> pools;
  private final Workers workers;
  private final ProcessManager processes;
  private final Handles handles;
  private final Scheduler scheduler;

  public PoolManager(
      int limit, Workers workers, ProcessManager processes, Handles handles, Scheduler scheduler) {
    this.pools = new Registry<>(WorkerPool.KIND, limit);
    this.workers = workers;
    this.processes = processes;
    this.handles = handles;
    this.scheduler = scheduler;
  }

  /** Creates a pool and begins to start its workers. */
  public PoolSnapshot create(String id, PoolOptions options, Owner owner) {
    Owned owned =
        pools.create(
            id,
            newId ->
                new Owned(
                    new WorkerPool(newId, options, new Starter(options), handles, scheduler),
                    owner));
    try {
      owner.endsWithIt(owned, () -> remove(owned));
    } catch (Fault ownerIsGone) {
      remove(owned);
      throw ownerIsGone;
    }
    owned.pool().open();
    return owned.snapshot();
  }

  public PoolSnapshot get(String id) {
    return pools.get(id).snapshot();
  }

  /** Begins to run calls of one client. */
  public TaskRun run(String id, OutcomeSink sink) {
    return pools.get(id).pool().newRun(sink);
  }

  /** Ends a pool and forgets it; answers what it was. */
  public PoolSnapshot terminate(String id) {
    Owned owned = pools.get(id);
    if (!remove(owned)) {
      throw pools.notFound(id);
    }
    return owned.snapshot();
  }

  private boolean remove(Owned owned) {
    if (!pools.remove(owned.pool().id(), owned)) {
      return false;
    }
    owned.owner().ended(owned);
    owned.pool().terminate();
    return true;
  }

  /** Ends every pool. */
  public void terminateAll() {
    pools.all().forEach(this::remove);
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
          new Workers.Request("", options.worker(), Workers.Mode.POOL, null, new Owner(null));
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
