package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.pool.PoolContext.WorkerStarter;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.process.Parent;
import dev.forkyard.server.process.ProcessManager;
import dev.forkyard.server.process.ProcessOptions;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.OwnedThings;
import dev.forkyard.server.session.OwnedThings.Maker;
import dev.forkyard.server.session.OwnedThings.Owned;
import dev.forkyard.server.session.Owner;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.WorkerSpec;
import dev.forkyard.server.worker.Workers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The pools of the daemon by name. Thread-safe; no method waits, and each throws {@link Fault} for
 * what it refuses.
 */
public final class PoolManager {
  /** How long a pool that has ended is remembered. */
  static final Duration KEPT = Duration.ofMinutes(10);

  private final OwnedThings<WorkerPool> pools;
  private final AtomicLong incarnations = new AtomicLong();
  private final Workers workers;
  private final ProcessManager processes;
  private final Handles handles;
  private final Scheduler scheduler;
  private final WaiterLimit waiters;
  private final ArgumentBudget arguments = ArgumentBudget.ofThisMachine();
  private final WorkerMemory memory;
  private final SubmittedTasks.Context submitting;

  public PoolManager(
      int limit,
      Workers workers,
      ProcessManager processes,
      Handles handles,
      Scheduler scheduler,
      WaiterLimit waiters,
      WorkerMemory memory,
      SubmittedTasks.Context submitting) {
    this.pools = new OwnedThings<>(WorkerPool.KIND, limit, WorkerPool::forgotten);
    this.workers = workers;
    this.processes = processes;
    this.handles = handles;
    this.scheduler = scheduler;
    this.waiters = waiters;
    this.memory = memory;
    this.submitting = submitting;
  }

  /** Creates a pool and begins to start its workers. */
  public PoolSnapshot create(String id, PoolOptions options, Owner owner) {
    PoolContext context =
        new PoolContext(
            new Starter(options.worker()),
            handles,
            scheduler,
            waiters,
            arguments,
            System::nanoTime,
            submitting);
    Owned<WorkerPool> owned =
        create(
            id,
            owner,
            (newId, keepers) ->
                new WorkerPool(
                    new WorkerPool.Identity(
                        newId, incarnations.incrementAndGet(), owner.sessionId()),
                    options,
                    context));
    WorkerPool pool = owned.thing();
    PoolEnd end = pool.end();
    end.listen(() -> end.forgetPoolLater(KEPT, () -> pools.end(owned)));
    pool.open();
    return pool.snapshot();
  }

  /** When there is no room, the pool that ended first makes some. */
  private Owned<WorkerPool> create(String id, Owner owner, Maker<WorkerPool> maker) {
    while (true) {
      try {
        return pools.create(id, owner, maker);
      } catch (Fault full) {
        Owned<WorkerPool> ended = full.reason() == Reason.TOO_MANY_POOLS ? endedFirst() : null;
        if (ended == null) {
          throw full;
        }
        pools.end(ended);
      }
    }
  }

  private @Nullable Owned<WorkerPool> endedFirst() {
    Owned<WorkerPool> first = null;
    long firstNanos = 0;
    for (Owned<WorkerPool> owned : pools.all()) {
      Long nanos = owned.thing().endNanos();
      if (nanos != null && (first == null || nanos - firstNanos < 0)) {
        first = owned;
        firstNanos = nanos;
      }
    }
    return first;
  }

  private WorkerPool pool(String id) {
    return pools.get(id).thing();
  }

  /** A pool that was created before, as it is now; as it was if it is not remembered. */
  public PoolSnapshot asItIsNow(PoolSnapshot before) {
    Owned<WorkerPool> owned = pools.find(before.id());
    if (owned == null) {
      return before;
    }
    PoolSnapshot now = owned.thing().snapshot();
    return now.incarnation() == before.incarnation() ? now : before;
  }

  /** Answers a pool with the memory of its workers. */
  public void get(String id, Reply<PoolSnapshot> reply) {
    memory
        .measured(List.of(pool(id).snapshot()))
        .thenAccept(measured -> reply.answer(measured.get(0)));
  }

  /** Lists pools that have all of these labels; pages are cut before labels are looked at. */
  public void list(
      int pageSize,
      String pageToken,
      Map<String, String> labels,
      Reply<Registry.Page<PoolSnapshot>> reply) {
    Registry.Page<Owned<WorkerPool>> page = pools.page(pageSize, pageToken);
    List<PoolSnapshot> listed =
        page.items().stream()
            .map(owned -> owned.thing().snapshot())
            .filter(pool -> pool.hasLabels(labels))
            .toList();
    memory
        .measured(listed)
        .thenAccept(measured -> reply.answer(new Registry.Page<>(measured, page.nextToken())));
  }

  /**
   * Watches a pool.
   *
   * @param whenOver told once that the pool is over; runs on any thread of the daemon, and must not
   *     block
   */
  public PoolWatch watch(String id, Runnable whenOver) {
    return new PoolWatch(pool(id), memory, whenOver);
  }

  /** What was submitted to a pool. */
  public SubmittedTasks tasks(String id) {
    return pool(id).tasks();
  }

  /**
   * Begins to run calls of one client.
   *
   * @param receiver who is given what handles in results refer to; null for nobody
   */
  public TaskRun run(String id, OutcomeSink sink, @Nullable Session receiver) {
    return pool(id).newRun(sink, receiver);
  }

  /** Changes the number of workers. */
  public PoolSnapshot resize(String id, int size) {
    WorkerPool pool = pool(id);
    pool.resize(size);
    return pool.snapshot();
  }

  /** Lets a pool take no more calls. */
  public PoolSnapshot close(String id) {
    WorkerPool pool = pool(id);
    pool.close();
    return pool.snapshot();
  }

  /**
   * Answers when a closed pool has run its calls and its workers have ended, or the time is over.
   */
  public void await(String id, @Nullable Duration timeout, Reply<WaitAnswer> reply) {
    pool(id).await(timeout, reply);
  }

  /** Ends a pool; it is remembered for a while. */
  public PoolSnapshot terminate(String id) {
    WorkerPool pool = pool(id);
    pool.terminate();
    return pool.snapshot();
  }

  /** Forgets a pool that has ended; answers what it was. */
  public PoolSnapshot delete(String id) {
    Owned<WorkerPool> owned = pools.get(id);
    if (owned.thing().endNanos() == null) {
      throw PoolFaults.running(id);
    }
    pools.delete(owned);
    return owned.thing().snapshot();
  }

  /** Ends every pool. */
  public void terminateAll() {
    pools.endAll();
  }

  public int size() {
    return pools.size();
  }

  private final class Starter implements WorkerStarter {
    private final WorkerSpec spec;

    Starter(WorkerSpec spec) {
      this.spec = spec;
    }

    @Override
    public void start(Slot slot) {
      Workers.Request request =
          new Workers.Request(
              "",
              spec,
              Workers.Mode.POOL,
              null,
              new Owner(null),
              Parent.NONE,
              ProcessOptions.DEFAULT.withGroupEnding());
      workers.start(request, slot, CompletableFuture.completedFuture(null), new StartReply(slot));
    }

    @Override
    public void stop(String processId, Duration grace, ExitCause cause) {
      try {
        processes.stop(processId, grace, cause, Reply.ignoring());
      } catch (Fault itHasEndedAndIsForgotten) {
        // its end was told, or will be
      }
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
}
