package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static dev.forkyard.server.pool.FakeWorkers.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PoolLifeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();
  private final WorkerPool pool = workers.openPool(options(1, 0));
  private final FakeWorker worker = workers.started.get(0);
  private final List<String> answers = new ArrayList<>();
  private Runnable gone = () -> {};

  private final Reply<WaitAnswer> reply =
      new Reply<>() {
        @Override
        public void answer(WaitAnswer answer) {
          answers.add(answer.pool().state() + (answer.timedOut() ? " timed out" : ""));
        }

        @Override
        public void refuse(Fault fault) {
          answers.add(fault.reason().name());
        }

        @Override
        public void whenGone(Runnable action) {
          gone = action;
        }
      };

  private static void assertRefused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.reason()).isEqualTo(reason));
  }

  @Test
  void closedPoolRunsWhatItHasThenItsWorkersLeave() {
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    pool.close();
    pool.close();
    assertRefused(Reason.POOL_CLOSED, () -> run.submit(chunk(3, 1)));
    assertRefused(Reason.POOL_CLOSED, () -> pool.newRun(outcomes));
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.CLOSING);
    worker.returns(1, 0, 1);
    assertThat(worker.orders).containsExactly("assign 1", "assign 2");
    worker.returns(2, 0, 1);
    assertThat(worker.orders).containsExactly("assign 1", "assign 2", "drain");
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.CLOSING);
    worker.dies();
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.CLOSED);
    assertThat(outcomes.told).containsExactly("results 1 0+1", "results 2 0+1");
    assertRefused(Reason.POOL_CLOSED, () -> run.submit(chunk(3, 1)));
  }

  @Test
  void workerThatDiesInAClosingPoolIsReplacedWhileThereIsWork() {
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    pool.close();
    worker.diesIn(1, 0);
    workers.scheduler.pass(SECOND);
    FakeWorker next = workers.ready(1);
    next.returns(1, 1, 1);
    next.dies();
    workers.scheduler.pass(SECOND);
    assertThat(workers.started).hasSize(2);
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.CLOSED);
    assertThat(outcomes.told).containsExactly("WORKER_LOST 1 0", "results 1 1+1");
  }

  @Test
  void callOfATerminatedPoolWasStartedWhereAWorkerRanItAndNotWhereItWaited() {
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    run.submit(chunk(2, 1));
    worker.returns(1, 0, 1);
    run.submit(chunk(3, 1));
    pool.terminate();
    assertThat(outcomes.told)
        .containsExactlyInAnyOrder(
            "results 1 0+1", "CANCELLED 1 1", "CANCELLED 2 0", "CANCELLED 3 0");
    assertThat(outcomes.failures).extracting(Failure::attempts).containsExactlyInAnyOrder(1, 0, 0);
  }

  @Test
  void waitForAPoolThatIsNotClosedIsRefused() {
    assertRefused(Reason.JOIN_BEFORE_CLOSE, () -> pool.await(null, reply));
  }

  @Test
  void waitAnswersWhenTheWorkersHaveEnded() {
    pool.close();
    pool.await(null, reply);
    assertThat(answers).isEmpty();
    assertThat(workers.waiters.waiting()).isEqualTo(1);
    worker.dies();
    assertThat(answers).containsExactly("CLOSED");
    pool.await(null, reply);
    assertThat(answers).containsExactly("CLOSED", "CLOSED");
    assertThat(workers.waiters.waiting()).isZero();
  }

  @Test
  void waitForATerminatedPoolAnswersWhenTheWorkersHaveEnded() {
    pool.terminate();
    pool.await(null, reply);
    assertThat(answers).isEmpty();
    worker.dies();
    assertThat(answers).containsExactly("TERMINATED");
  }

  @Test
  void waitEndsWithItsTimeOrItsCaller() {
    pool.newRun(outcomes).submit(chunk(1, 1));
    pool.close();
    pool.await(Duration.ZERO, reply);
    pool.await(SECOND, reply);
    workers.scheduler.pass(SECOND);
    assertThat(answers).containsExactly("CLOSING timed out", "CLOSING timed out");
    pool.await(null, reply);
    gone.run();
    assertThat(answers).hasSize(3).last().isEqualTo("CALL_CANCELLED");
    assertThat(workers.waiters.waiting()).isZero();
  }

  @Test
  void terminationOfAnEndedPoolChangesNothing() {
    pool.close();
    worker.dies();
    pool.terminate();
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.CLOSED);
  }

  @Test
  void poolIsForgottenSomeTimeAfterItsEndOrBefore() {
    List<String> forgotten = new ArrayList<>();
    pool.end()
        .listen(
            () -> pool.end().forgetPoolLater(PoolManager.KEPT, () -> forgotten.add("forgotten")));
    pool.terminate();
    workers.scheduler.pass(PoolManager.KEPT);
    assertThat(forgotten).isEmpty();
    worker.dies();
    workers.scheduler.pass(PoolManager.KEPT.minusMillis(1));
    assertThat(forgotten).isEmpty();
    workers.scheduler.pass(Duration.ofMillis(1));
    assertThat(forgotten).containsExactly("forgotten");
  }

  @Test
  void poolThatIsForgottenEarlierLeavesNothingBehind() {
    pool.end()
        .listen(() -> pool.end().forgetPoolLater(PoolManager.KEPT, () -> answers.add("forgotten")));
    pool.terminate();
    worker.dies();
    pool.forgotten();
    assertThat(workers.scheduler.pending()).isZero();
    assertThat(answers).isEmpty();
  }

  @Test
  void poolThatIsForgottenWhileItRunsEnds() {
    pool.end()
        .listen(() -> pool.end().forgetPoolLater(PoolManager.KEPT, () -> answers.add("forgotten")));
    pool.newRun(outcomes).submit(chunk(1, 1));
    pool.forgotten();
    worker.dies();
    assertThat(outcomes.told).containsExactly("CANCELLED 1 0");
    assertThat(workers.scheduler.pending()).isZero();
  }
}
