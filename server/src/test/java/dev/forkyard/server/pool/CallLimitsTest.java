package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.process.ExitCause;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Cancels, the time of calls, and the grace of workers that do not listen. */
class CallLimitsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();
  private WorkerPool pool = workers.openPool(options(0));
  private FakeWorker worker = workers.started.get(0);
  private TaskRun run = pool.newRun(outcomes);

  private static PoolOptions options(int retryLost) {
    return new PoolOptions(FakeWorkers.SPEC, 1, retryLost, null, 0, TIMEOUT, GRACE, 0, Map.of());
  }

  /** Lets calls run again. */
  private void retry() {
    workers.started.clear();
    pool = workers.openPool(options(1));
    worker = workers.started.get(0);
    run = pool.newRun(outcomes);
  }

  /** The worker that takes the place of the one that was stopped. */
  private FakeWorker next() {
    workers.scheduler.pass(Duration.ofSeconds(1));
    return workers.ready(1);
  }

  @Test
  void queuedCallsAreCancelledAtOnce() {
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 2));
    run.cancel(2, false);
    assertThat(outcomes.told).containsExactly("CANCELLED 2 0", "CANCELLED 2 1");
    assertThat(worker.orders).containsExactly("assign 1");
  }

  @Test
  void cancelOfACallThatIsAnsweredOrUnknownDoesNothing() {
    run.submit(chunk(1, 1));
    worker.returns(1, 0, 1);
    run.cancel(1, true);
    run.cancel(7, true);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
    assertThat(worker.orders).containsExactly("assign 1");
  }

  @Test
  void workerIsAskedForAssignedCallsAndItsAnswersCount() {
    run.submit(chunk(1, 3));
    run.cancel(1, false);
    worker.returns(1, 0, 1);
    worker.fails(1, 1, Kind.CANCELLED);
    worker.fails(1, 2, Kind.CANCELLED);
    assertThat(worker.orders).containsExactly("assign 1", "cancel 1 *");
    assertThat(outcomes.told).containsExactly("results 1 0+1", "CANCELLED 1 1", "CANCELLED 1 2");
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isNull();
  }

  @Test
  void runningCallThatDoesNotEndCostsItsWorkerAfterTheGrace() {
    run.submit(chunk(1, 3));
    run.submit(chunk(2, 1));
    run.cancel(1, true);
    workers.scheduler.pass(GRACE.minusMillis(1));
    assertThat(worker.stop).isNull();
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
    worker.diesIn(1, 0);
    assertThat(outcomes.told).containsExactly("CANCELLED 1 0", "CANCELLED 1 1", "CANCELLED 1 2");
    assertThat(next().assigned).hasSize(1);
    assertThat(pool.snapshot().counts().workersLost()).isZero();
  }

  @Test
  void graceOfAChunkBeginsWhenItsWorkerComesToIt() {
    run.submit(chunk(1, 1));
    worker.returns(1, 0, 1);
    run.submit(chunk(2, 1));
    run.submit(chunk(3, 1));
    assertThat(worker.orders).containsExactly("assign 1", "assign 2", "assign 3");
    run.cancel(3, true);
    workers.scheduler.pass(GRACE.multipliedBy(2));
    assertThat(worker.stop).isNull();
    worker.returns(2, 0, 1);
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
  }

  @Test
  void clientThatGoesAwayFreesItsWorkers() {
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    TaskRun other = pool.newRun(outcomes);
    other.submit(chunk(1, 1));
    run.cancel();
    assertThat(worker.orders).containsExactly("assign 1", "cancel 1 * running");
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
    worker.diesIn(1, 0);
    next().returns(1, 0, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
    assertThat(pool.snapshot().counts()).isEqualTo(new PoolCounts(0, 0, 1, 2, 0));
  }

  @Test
  void callThatTakesTooLongFailsAsTimeoutAndTheOthersOfItsChunkGoOn() {
    run.submit(chunk(1, 3));
    workers.scheduler.pass(TIMEOUT.minusSeconds(1));
    worker.returns(1, 0, 1);
    workers.scheduler.pass(TIMEOUT.minusMillis(1));
    assertThat(worker.orders).containsExactly("assign 1");
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(worker.orders).containsExactly("assign 1", "cancel 1 1 running");
    worker.fails(1, 1, Kind.TASK_ERROR);
    worker.returns(1, 2, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1", "TIMEOUT 1 1", "results 1 2+1");
    assertThat(outcomes.failures.get(0).message()).contains("10 s");
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isNull();
  }

  @Test
  void resultThatComesAfterTheTimeIsTaken() {
    run.submit(chunk(1, 2));
    workers.scheduler.pass(TIMEOUT);
    worker.returns(1, 0, 1);
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isNull();
    workers.scheduler.pass(TIMEOUT);
    assertThat(worker.orders)
        .containsExactly("assign 1", "cancel 1 0 running", "cancel 1 1 running");
    assertThat(outcomes.told).containsExactly("results 1 0+1");
  }

  @Test
  void callThatIgnoresItsTimeoutCostsItsWorkerAndIsNotRunAgain() {
    run.submit(chunk(1, 3));
    workers.scheduler.pass(TIMEOUT.plus(GRACE));
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
    worker.diesIn(1, 0);
    assertThat(outcomes.told).containsExactly("TIMEOUT 1 0");
    assertThat(next().assigned.get(0).first()).isEqualTo(1);
  }

  @Test
  void callThatBeginsInAWorkerThatIsBeingStoppedForAnotherIsRunElsewhereWithoutBlame() {
    retry();
    run.submit(chunk(1, 3));
    workers.scheduler.pass(TIMEOUT.plus(GRACE));
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
    worker.fails(1, 0, Kind.CANCELLED);
    worker.diesIn(1, 1);
    FakeWorker next = next();
    assertThat(next.assigned.get(0).first()).isEqualTo(1);
    next.fails(1, 1, Kind.TASK_ERROR);
    next.returns(1, 2, 1);
    assertThat(outcomes.told).containsExactly("TIMEOUT 1 0", "TASK_ERROR 1 1", "results 1 2+1");
    assertThat(outcomes.failures.get(1).attempts()).isEqualTo(2);
    assertThat(pool.snapshot().counts().workersLost()).isZero();
  }

  @Test
  void callOfAnotherClientIsNotBlamedForTheStopOfAWorkerThatEndsItsCancelledCallTooLate() {
    retry();
    run.submit(chunk(1, 1));
    worker.returns(1, 0, 1);
    run.submit(chunk(2, 1));
    Outcomes others = new Outcomes();
    pool.newRun(others).submit(chunk(1, 1));
    assertThat(worker.assigned).hasSize(3);
    run.cancel(2, true);
    workers.scheduler.pass(GRACE);
    assertThat(worker.stop).isEqualTo(ExitCause.CALL_CANCELLED);
    worker.fails(2, 0, Kind.CANCELLED);
    worker.diesIn(3, 0);
    next().returns(1, 0, 1);
    assertThat(others.told).containsExactly("results 1 0+1");
  }

  @Test
  void callThatBeginsInAWorkerThatIsBeingStoppedForAnotherIsNotRunTwiceUnlessThatIsAllowed() {
    run.submit(chunk(1, 2));
    workers.scheduler.pass(TIMEOUT.plus(GRACE));
    worker.fails(1, 0, Kind.CANCELLED);
    worker.diesIn(1, 1);
    assertThat(outcomes.told).containsExactly("TIMEOUT 1 0", "WORKER_LOST 1 1");
    assertThat(outcomes.failures.get(1).message()).contains("did not end another call");
  }

  @Test
  void callThatIsGivenUpInAWorkerThatIsBeingStoppedForAnotherIsNotRunAgain() {
    run.submit(chunk(1, 2));
    workers.scheduler.pass(TIMEOUT.plus(GRACE));
    worker.fails(1, 0, Kind.CANCELLED);
    run.cancel(1, true);
    worker.diesIn(1, 1);
    assertThat(outcomes.told).containsExactly("TIMEOUT 1 0", "CANCELLED 1 1");
    assertThat(next().assigned).isEmpty();
  }

  @Test
  void callIsBlamedForTheDeathOfAWorkerThatWasOnlyAskedToEndAnother() {
    run.submit(chunk(1, 2));
    workers.scheduler.pass(TIMEOUT);
    worker.fails(1, 0, Kind.CANCELLED);
    worker.diesIn(1, 1);
    assertThat(outcomes.told).containsExactly("TIMEOUT 1 0", "WORKER_LOST 1 1");
  }

  @Test
  void workerThatIsIdleHasNoTime() {
    run.submit(chunk(1, 1));
    workers.scheduler.pass(Duration.ofSeconds(5));
    worker.returns(1, 0, 1);
    workers.scheduler.pass(TIMEOUT.multipliedBy(3));
    run.submit(chunk(2, 1));
    workers.scheduler.pass(TIMEOUT.minusMillis(1));
    assertThat(worker.orders).containsExactly("assign 1", "assign 2");
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(worker.orders).containsExactly("assign 1", "assign 2", "cancel 2 0 running");
    worker.returns(2, 0, 1);
    workers.scheduler.pass(TIMEOUT);
    assertThat(workers.scheduler.pending()).isZero();
  }

  @Test
  void graceOfAnAnsweredCallIsNotWaitedFor() {
    run.submit(chunk(1, 2));
    run.submit(chunk(2, 1));
    run.cancel(1, true);
    assertThat(workers.scheduler.pending()).as("time and grace").isEqualTo(2);
    worker.returns(1, 0, 1);
    worker.fails(1, 1, Kind.CANCELLED);
    assertThat(workers.scheduler.pending()).as("time").isEqualTo(1);
    workers.scheduler.pass(TIMEOUT);
    assertThat(workers.scheduler.pending()).as("grace").isEqualTo(1);
    worker.returns(2, 0, 1);
    assertThat(workers.scheduler.pending()).isZero();
  }
}
