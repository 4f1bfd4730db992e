package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static dev.forkyard.server.pool.FakeWorkers.options;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.pool.PoolSnapshot.WorkerSnapshot;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who works in a pool: beginning, replacement, number, leaving. */
class CrewTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final WorkerSpec SPEC = FakeWorkers.SPEC;

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();

  private static PoolOptions withInitializer(int count) {
    return new PoolOptions(SPEC, count, 0, chunk(0, 1), 0, null, SECOND, 0, Map.of());
  }

  private static PoolOptions withMostCalls(int count, int calls) {
    return new PoolOptions(SPEC, count, 0, null, calls, null, SECOND, 0, Map.of());
  }

  private static List<WorkerState> states(WorkerPool pool) {
    return pool.snapshot().workers().stream().map(WorkerSnapshot::state).toList();
  }

  @Test
  void workerBeginsWithTheInitializerAndGetsNoOtherWorkBefore() {
    WorkerPool pool = workers.openPool(withInitializer(1));
    FakeWorker worker = workers.started.get(0);
    pool.newRun(outcomes).submit(chunk(1, 1));
    assertThat(worker.orders).containsExactly("assign 1");
    assertThat(states(pool)).containsExactly(WorkerState.STARTING);
    worker.returns(1, 0, 1);
    assertThat(worker.orders).containsExactly("assign 1", "assign 2");
    worker.returns(2, 0, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
    assertThat(pool.snapshot().counts().done()).isEqualTo(1);
  }

  @Test
  void initializerThatAlwaysFailsFailsThePoolWithItsError() {
    WorkerPool pool = workers.openPool(withInitializer(1));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    for (int i = 0; i < 3; i++) {
      FakeWorker worker = workers.started.get(i);
      worker.slot.failed(1, 0, error());
      assertThat(worker.stop).isEqualTo(ExitCause.POOL_TERMINATED);
      worker.dies();
      workers.scheduler.pass(SECOND);
      if (i < 2) {
        workers.ready(i + 1);
      }
    }
    assertThat(workers.started).hasSize(3);
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.FAILED);
    Failure why = outcomes.failures.get(0);
    assertThat(why.kind()).isEqualTo(Kind.POOL_FAILED);
    assertThat(why.type()).isEqualTo("NoModel");
    assertThat(why.message()).contains("initializer", "there is no model");
    assertThat(why.stackText()).isEqualTo("at load");
    run.submit(chunk(2, 1));
    assertThat(outcomes.told).containsExactly("POOL_FAILED 1 0", "POOL_FAILED 2 0");
  }

  private static Failure error() {
    return new Failure(
        Kind.TASK_ERROR,
        "NoModel",
        "there is no model",
        "at load",
        List.of(),
        "java",
        "",
        "",
        "",
        1,
        false);
  }

  @Test
  void initializerThatFailsNowAndThenOnlyDelays() {
    WorkerPool pool = workers.openPool(withInitializer(1));
    for (int i = 0; i < 8; i++) {
      FakeWorker worker = workers.started.get(i);
      if (i % 2 == 0) {
        worker.fails(1, 0, Kind.TASK_ERROR);
      } else {
        worker.returns(1, 0, 1);
      }
      worker.dies();
      workers.scheduler.pass(SECOND);
      workers.ready(i + 1);
    }
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.OPEN);
  }

  @Test
  void argumentsOfTheInitializerAreHeldAsLongAsWorkersMayBegin() {
    List<String> holds = new ArrayList<>();
    CompletableFuture<WorkerPool> unlocked = new CompletableFuture<>();
    workers.handles.register(
        Handle.Kind.QUEUE,
        (handle, inside) -> {
          holds.add("held");
          return new Hold() {
            @Override
            public void shareWith(Session session) {
              holds.add("shared");
            }

            @Override
            public void release() {
              unlocked.thenApplyAsync(WorkerPool::snapshot).orTimeout(30, SECONDS).join();
              holds.add("released");
            }
          };
        });
    FakeWorkers.Json empty = new FakeWorkers.Json("[[]]");
    ChunkRequest initializer =
        new ChunkRequest(0, FakeWorkers.FUNCTION, 1, new WithHandle(empty.text()));
    WorkerPool pool =
        workers.openPool(new PoolOptions(SPEC, 1, 0, initializer, 0, null, SECOND, 0, Map.of()));
    unlocked.complete(pool);
    pool.terminate();
    assertThat(holds).containsExactly("held", "shared");
    workers.started.get(0).dies();
    assertThat(holds).containsExactly("held", "shared", "released");
  }

  private record WithHandle(String text) implements dev.forkyard.server.core.Payload {
    @Override
    public int sizeBytes() {
      return text.length();
    }

    @Override
    public List<Handle> handles() {
      return List.of(new Handle(Handle.Kind.QUEUE, "q", ""));
    }
  }

  @Test
  void workerIsReplacedAfterItsCallsAndTheNextIsStartedBefore() {
    WorkerPool pool = workers.openPool(withMostCalls(1, 3));
    FakeWorker old = workers.started.get(0);
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    assertThat(workers.started).hasSize(1);
    old.returns(1, 0, 2);
    run.submit(chunk(2, 2));
    assertThat(old.orders).containsExactly("assign 1", "assign 2", "drain");
    assertThat(workers.started).hasSize(2);
    assertThat(states(pool)).containsExactly(WorkerState.LEAVING, WorkerState.STARTING);
    FakeWorker next = workers.ready(1);
    run.submit(chunk(3, 1));
    assertThat(next.orders).as("one worker at a time has work").isEmpty();
    old.returns(2, 0, 2);
    assertThat(next.orders).containsExactly("assign 1");
    old.dies();
    assertThat(pool.snapshot().counts().workersLost()).isZero();
    assertThat(workers.started).hasSize(2);
  }

  @Test
  void leavingWorkerThatDiesWithWorkIsLostAndHasBeenReplaced() {
    WorkerPool pool = workers.openPool(withMostCalls(1, 2));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    FakeWorker next = workers.ready(1);
    workers.started.get(0).diesIn(1, 0);
    workers.scheduler.pass(SECOND);
    assertThat(workers.started).hasSize(2);
    assertThat(next.assigned.get(0).first()).isEqualTo(1);
    assertThat(outcomes.told).containsExactly("WORKER_LOST 1 0");
    assertThat(pool.snapshot().counts().workersLost()).isEqualTo(1);
  }

  @Test
  void workerThatDoesNotLeaveIsStopped() {
    WorkerPool pool = workers.openPool(options(2, 0));
    pool.resize(1);
    FakeWorker surplus = workers.started.get(1);
    assertThat(surplus.orders).containsExactly("drain");
    workers.scheduler.pass(Duration.ofSeconds(9));
    assertThat(surplus.stop).isNull();
    workers.scheduler.pass(SECOND);
    assertThat(surplus.stop).isEqualTo(ExitCause.POOL_TERMINATED);
  }

  @Test
  void smallerPoolLetsIdleWorkersGoFirstAndBusyOnesFinish() {
    WorkerPool pool = workers.openPool(options(3, 0));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    pool.resize(1);
    assertThat(states(pool))
        .containsExactly(WorkerState.BUSY, WorkerState.LEAVING, WorkerState.LEAVING);
    assertThat(workers.started.get(1).orders).containsExactly("assign 1", "drain");
    assertThat(workers.started.get(2).orders).containsExactly("drain");
    workers.started.get(1).returns(1, 0, 1);
    workers.started.get(1).dies();
    workers.started.get(2).dies();
    workers.scheduler.pass(SECOND);
    assertThat(outcomes.told).containsExactly("results 2 0+1");
    assertThat(states(pool)).containsExactly(WorkerState.BUSY);
    assertThat(pool.snapshot().counts().workersLost()).isZero();
    assertThat(pool.snapshot().size()).isEqualTo(1);
  }

  @Test
  void workerThatLeavesCountsAsLongAsItHasWork() {
    WorkerPool pool = workers.openPool(options(2, 0));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    pool.resize(1);
    workers.started.get(0).returns(1, 0, 1);
    run.submit(chunk(3, 1));
    assertThat(workers.started.get(0).orders).containsExactly("assign 1");
    workers.started.get(1).returns(1, 0, 1);
    assertThat(workers.started.get(0).orders).containsExactly("assign 1", "assign 2");
  }

  @Test
  void workerThatIsNotReadyIsStoppedWhenThePoolGetsSmaller() {
    WorkerPool pool = workers.pool(options(2, 0));
    pool.open();
    workers.started.get(0).runs();
    pool.resize(1);
    assertThat(workers.started.get(0).stop).isNull();
    workers.started.get(1).runs();
    assertThat(workers.started.get(1).stop).isEqualTo(ExitCause.POOL_TERMINATED);
  }

  @Test
  void largerPoolStartsWorkersAtOnce() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.resize(3);
    assertThat(workers.started).hasSize(3);
    pool.close();
    assertThatThrownBy(() -> pool.resize(4))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.reason()).isEqualTo(Reason.POOL_CLOSED));
  }

  @Test
  void numbersOfWorkersAreChecked() {
    assertThat(PoolOptions.workers(0, 1_000)).isPositive();
    assertThat(reason(() -> PoolOptions.workers(-1, 1_000))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(reason(() -> PoolOptions.resized(0, 1_000))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(reason(() -> PoolOptions.resized(5_000, 1_000))).isEqualTo(Reason.TOO_MANY_WORKERS);
  }

  private static Reason reason(Runnable refused) {
    try {
      refused.run();
    } catch (Fault fault) {
      return fault.reason();
    }
    return Objects.requireNonNull(null, "it was not refused");
  }
}
