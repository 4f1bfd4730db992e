package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static dev.forkyard.server.pool.FakeWorkers.options;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.process.ExitCause;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Workers that do not get ready, or are not any more. */
class UnreadyWorkersTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();

  @Test
  void silentWorkersAreStoppedAndFailThePool() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    pool.newRun(outcomes).submit(chunk(1, 1));
    for (int i = 0; i < 3; i++) {
      FakeWorker worker = workers.started.get(i);
      worker.runs();
      workers.scheduler.pass(Crew.START_PATIENCE.minusSeconds(1));
      assertThat(worker.stop).isNull();
      workers.scheduler.pass(SECOND);
      assertThat(worker.stop).isEqualTo(ExitCause.POOL_TERMINATED);
      worker.dies();
      workers.scheduler.pass(SECOND);
    }
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.FAILED);
    Failure why = outcomes.failures.get(0);
    assertThat(why.kind()).isEqualTo(Kind.POOL_FAILED);
    assertThat(why.message()).contains("do not connect", "60 s", "worker protocol");
    assertThat(why.stderrTail()).isEqualTo("last words");
  }

  @Test
  void workersThatSaidHelloInTimeMayTakeAnyTimeForTheirFirstCall() {
    workers.openPool(options(1, 0));
    workers.scheduler.pass(Crew.START_PATIENCE.multipliedBy(3));
    assertThat(workers.started.get(0).stop).isNull();
  }

  @Test
  void workersThatCannotBeStartedFailThePoolWithTheReason() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    for (int i = 0; i < 3; i++) {
      workers.started.get(i).slot.notStarted(new Fault(Reason.SPAWN_FAILED, "There is no room."));
      workers.scheduler.pass(SECOND);
    }
    pool.newRun(outcomes).submit(chunk(1, 1));
    assertThat(outcomes.failures.get(0).message())
        .isEqualTo("The workers of pool \"p\" cannot be started. There is no room.");
    assertThat(outcomes.failures.get(0).workerExit()).isEmpty();
  }

  @Test
  void workersThatEndIdleAreReplacedMoreAndMoreSlowly() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    for (int i = 0; i < 60; i++) {
      workers.ready(i).dies();
      Duration pause = Duration.ofMillis(100L * Math.min(i + 1, 50));
      workers.scheduler.pass(pause.minusMillis(1));
      assertThat(workers.started).hasSize(i + 1);
      workers.scheduler.pass(Duration.ofMillis(1));
      assertThat(workers.started).hasSize(i + 2);
    }
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.OPEN);
    pool.newRun(outcomes).submit(chunk(1, 1));
    FakeWorker worker = workers.ready(60);
    worker.returns(1, 0, 1);
    worker.dies();
    workers.scheduler.pass(Duration.ZERO);
    assertThat(workers.started).hasSize(62);
  }

  @Test
  void workerWhoseConnectionHasEndedGetsNoMoreCalls() {
    WorkerPool pool = workers.openPool(options(2, 0));
    workers.started.get(0).disconnects();
    pool.newRun(outcomes).submit(chunk(1, 1));
    assertThat(workers.started.get(0).orders).isEmpty();
    assertThat(workers.started.get(1).orders).containsExactly("assign 1");
    assertThat(pool.snapshot().workers().get(0).state()).isEqualTo(WorkerState.LEAVING);
  }

  @Test
  void answerToNothingMakesNoWorkerReadyAndStopsNone() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    pool.newRun(outcomes).submit(chunk(1, 1));
    FakeWorker worker = workers.started.get(0);
    worker.saysHello();
    worker.returns(0, 0, 1);
    worker.fails(0, 0, Kind.TASK_ERROR);
    assertThat(pool.snapshot().workers().get(0).state()).isEqualTo(WorkerState.STARTING);
    worker.runs();
    assertThat(worker.stop).isNull();
    assertThat(worker.orders).containsExactly("assign 1");
  }

  @Test
  void workersThatAreStoppedAreTold() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.terminate();
    assertThat(pool.snapshot().workers().get(0).state()).isEqualTo(WorkerState.LEAVING);
  }
}
