package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static dev.forkyard.server.pool.FakeWorkers.options;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How a pool waits between starts of workers that fail. */
class FailingStartsTest {
  private static final Duration TENTH = Duration.ofMillis(100);
  private static final Duration ALMOST_A_TENTH = TENTH.minusMillis(1);

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();

  private void cannotBeStarted(int worker) {
    workers.started.get(worker).slot.notStarted(new Fault(Reason.SPAWN_FAILED, "No room."));
  }

  @Test
  void noWorkerIsStartedBeforeThePauseIsOverAndThePauseGetsLonger() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    cannotBeStarted(0);
    run.submit(chunk(1, 1));
    workers.scheduler.pass(ALMOST_A_TENTH);
    run.submit(chunk(2, 1));
    assertThat(workers.started).hasSize(1);
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(workers.started).hasSize(2);
    cannotBeStarted(1);
    workers.scheduler.pass(TENTH.plus(ALMOST_A_TENTH));
    run.submit(chunk(3, 1));
    assertThat(workers.started).hasSize(2);
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(workers.started).hasSize(3);
    cannotBeStarted(2);
    workers.scheduler.pass(Duration.ofHours(1));
    assertThat(workers.started).hasSize(3);
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.FAILED);
  }

  @Test
  void workerThatDiesBeforeItsFirstCallIsReplacedAfterAPauseToo() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.newRun(outcomes).submit(chunk(1, 1));
    workers.started.get(0).dies();
    workers.scheduler.pass(ALMOST_A_TENTH);
    assertThat(workers.started).hasSize(1);
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(workers.started).hasSize(2);
  }

  @Test
  void pauseOfOneWorkerHoldsUpNoOther() {
    WorkerPool pool = workers.pool(options(2, 0));
    pool.open();
    cannotBeStarted(0);
    workers.ready(1);
    pool.newRun(outcomes).submit(chunk(1, 1));
    workers.started.get(1).returns(1, 0, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
  }

  @Test
  void callThatSucceedsMakesThePauseShortAgain() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    cannotBeStarted(0);
    workers.scheduler.pass(TENTH);
    workers.ready(1);
    pool.newRun(outcomes).submit(chunk(1, 1));
    workers.started.get(1).returns(1, 0, 1);
    workers.started.get(1).dies();
    workers.scheduler.pass(Duration.ZERO);
    assertThat(workers.started).hasSize(3);
    cannotBeStarted(2);
    workers.scheduler.pass(TENTH);
    assertThat(workers.started).hasSize(4);
  }
}
