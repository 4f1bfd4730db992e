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
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.pool.FakeWorkers.Json;
import dev.forkyard.server.process.ExitCause;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.worker.Results;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();

  @Test
  void runIsFinishedOnlyAfterEveryOutcomeWasTold() {
    WorkerPool pool = workers.openPool(options(1, 0));
    FakeWorker worker = workers.started.get(0);
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    run.noMoreChunks();
    worker.returns(1, 0, 1);
    assertThat(worker.assigned).hasSize(2);
    TaskRun second = pool.newRun(outcomes);
    second.submit(chunk(3, 2));
    second.noMoreChunks();
    worker.returns(2, 0, 1);
    outcomes.told.clear();
    // the rest of the chunk is answered while the beginning is being told
    outcomes.duringResults = () -> worker.returns(3, 1, 1);
    worker.returns(3, 0, 1);
    assertThat(outcomes.told).containsExactly("results 3 1+1", "results 3 0+1", "finished");
  }

  @Test
  void deathCostsTheRunningCallAndTheRestGoesToAnotherWorker() {
    WorkerPool pool = workers.openPool(options(1, 0));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 4));
    run.noMoreChunks();
    workers.started.get(0).returns(1, 0, 1);
    workers.started.get(0).diesIn(1, 1);
    workers.scheduler.pass(SECOND);
    FakeWorker next = workers.ready(1);
    assertThat(next.assigned.get(0).first()).isEqualTo(2);
    next.returns(1, 2, 2);
    assertThat(outcomes.told)
        .containsExactly("results 1 0+1", "WORKER_LOST 1 1", "results 1 2+2", "finished");
    assertThat(outcomes.failures.get(0).poison()).isFalse();
  }

  @Test
  void callWhoseWorkersAllDieIsPoisonAndItsNeighboursSucceed() {
    WorkerPool pool = workers.openPool(options(1, 2));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 3));
    workers.started.get(0).returns(1, 0, 1);
    for (int i = 0; i < 3; i++) {
      workers.started.get(i).diesIn(1, 1);
      workers.scheduler.pass(SECOND);
      workers.ready(i + 1);
    }
    workers.started.get(3).returns(1, 2, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1", "WORKER_LOST 1 1", "results 1 2+1");
    Failure poison = outcomes.failures.get(0);
    assertThat(poison.poison()).isTrue();
    assertThat(poison.attempts()).isEqualTo(3);
    assertThat(pool.snapshot().counts().workersLost()).isEqualTo(3);
  }

  @Test
  void resultThatIsToldTwiceCountsOnce() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.newRun(outcomes).submit(chunk(1, 2));
    workers.started.get(0).returns(1, 0, 1);
    workers.started.get(0).returns(1, 0, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
    assertThat(pool.snapshot().counts().done()).isEqualTo(1);
  }

  @Test
  void deathBetweenCallsBlamesNobody() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.newRun(outcomes).submit(chunk(1, 2));
    workers.started.get(0).returns(1, 0, 1);
    workers.started.get(0).dies();
    workers.scheduler.pass(SECOND);
    assertThat(workers.ready(1).assigned.get(0).first()).isEqualTo(1);
    assertThat(outcomes.told).containsExactly("results 1 0+1");
  }

  @Test
  void workersThatNeverBeginACallFailThePoolInsteadOfDyingForEver() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    run.noMoreChunks();
    for (int i = 0; i < 3; i++) {
      workers.ready(i).dies();
      workers.scheduler.pass(SECOND);
    }
    assertThat(workers.started).hasSize(3);
    assertThat(outcomes.told).containsExactly("POOL_FAILED 1 0", "POOL_FAILED 1 1", "finished");
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.FAILED);
  }

  /** A worker serves another client, then gets a chunk of this one, and dies before it begins. */
  private void diesWithAChunk(int worker, TaskRun other, TaskRun run) {
    run.pause(true);
    other.submit(chunk(worker, 1));
    FakeWorker next = workers.ready(worker);
    next.returns(1, 0, 1);
    run.pause(false);
    assertThat(next.assigned).hasSize(2);
    next.dies();
    workers.scheduler.pass(SECOND);
  }

  @Test
  void callWhoseWorkersDieBeforeItBeginsIsPoisonThoughOtherCallsAreAnswered() {
    WorkerPool pool = workers.pool(options(1, 5));
    pool.open();
    TaskRun other = pool.newRun(new Outcomes());
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    for (int i = 0; i < 3; i++) {
      assertThat(outcomes.told).isEmpty();
      diesWithAChunk(i, other, run);
    }
    assertThat(outcomes.told).containsExactly("WORKER_LOST 1 0");
    Failure poison = outcomes.failures.get(0);
    assertThat(poison.poison()).isTrue();
    assertThat(poison.attempts()).isZero();
    assertThat(poison.message())
        .contains("w2", "before it began the call", "exit code 9", "poison");
    assertThat(poison.workerExit()).isEqualTo("exit code 9");
    assertThat(poison.stderrTail()).isEqualTo("last words");
    assertThat(workers.ready(3).assigned.get(0).first()).isEqualTo(1);
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.OPEN);
  }

  @Test
  void answerOfAChunkMakesItsWorkersDeathsCountAnew() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    TaskRun other = pool.newRun(new Outcomes());
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 4));
    for (int i = 0; i < 3; i++) {
      diesWithAChunk(2 * i, other, run);
      FakeWorker next = workers.ready(2 * i + 1);
      next.returns(1, i, 1);
      next.dies();
      workers.scheduler.pass(SECOND);
    }
    assertThat(outcomes.told).containsExactly("results 1 0+1", "results 1 1+1", "results 1 2+1");
  }

  @Test
  void clientsAreToldOutsideOfEveryLockEvenOfAnswersThatComeWhileWorkersAreTold() {
    WorkerPool pool = workers.openPool(options(1, 0));
    FakeWorker worker = workers.started.get(0);
    worker.duringAssign = () -> worker.returns(1, 0, 1);
    outcomes.duringResults =
        () -> CompletableFuture.runAsync(pool::open).orTimeout(30, SECONDS).join();
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    worker.returns(1, 1, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1", "results 1 1+1");
  }

  @Test
  void idleWorkersMayBeKilledAnyNumberOfTimes() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    for (int i = 0; i < 10; i++) {
      workers.ready(i).dies();
      workers.scheduler.pass(SECOND);
    }
    assertThat(pool.snapshot().state()).isEqualTo(PoolState.OPEN);
    assertThat(workers.started).hasSize(11);
  }

  @Test
  void helloThatOvertakesTheStartIsNoTrouble() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    pool.newRun(outcomes).submit(chunk(1, 1));
    FakeWorker worker = workers.started.get(0);
    worker.saysHello();
    assertThat(worker.assigned).isEmpty();
    worker.runs();
    assertThat(worker.assigned).hasSize(1);
  }

  @Test
  void terminatedPoolAnswersEverythingOnce() {
    WorkerPool pool = workers.openPool(options(1, 0));
    FakeWorker worker = workers.started.get(0);
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 2));
    run.submit(chunk(2, 1));
    run.noMoreChunks();
    worker.returns(1, 0, 1);
    pool.terminate();
    worker.returns(1, 1, 1);
    assertThat(outcomes.told)
        .containsExactly("results 1 0+1", "CANCELLED 2 0", "CANCELLED 1 1", "finished");
    assertThat(worker.stop).isEqualTo(ExitCause.POOL_TERMINATED);
  }

  @Test
  void numberOfAChunkThatIsNotAnsweredIsRefusedForAnother() {
    WorkerPool pool = workers.openPool(options(1, 0));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    assertThatThrownBy(() -> run.submit(chunk(1, 1)))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.reason()).isEqualTo(Reason.BAD_CHUNK));
    workers.started.get(0).returns(1, 0, 1);
    run.submit(chunk(1, 1));
    workers.started.get(0).returns(2, 0, 1);
    assertThat(outcomes.told).containsExactly("results 1 0+1", "results 1 0+1");
  }

  @Test
  void handlesInRefusedCallsAreTakenBackAsIfTheyHadNeverBeenInFlight() {
    List<String> notes = new ArrayList<>();
    workers.handles.register(Handle.Kind.PIPE_END, FakeWorkers.noting(notes));
    WorkerPool pool = workers.openPool(options(1, 0));
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    Payload end = new Json("[[1]]", List.of(new Handle(Handle.Kind.PIPE_END, "p", "LEFT")));
    ChunkRequest twice = new ChunkRequest(1, FakeWorkers.FUNCTION, 1, end);
    assertThatThrownBy(() -> run.submit(twice)).isInstanceOf(Fault.class);
    pool.terminate();
    assertThatThrownBy(() -> run.letIn(List.of(twice))).isInstanceOf(Fault.class);
    assertThat(notes).containsExactly("held p", "revoked p", "held p", "revoked p");
  }

  private static PoolOptions mostCalls(int calls) {
    return new PoolOptions(
        FakeWorkers.SPEC, 1, 0, null, 0, null, SECOND, calls, java.util.Map.of());
  }

  private long queued(WorkerPool pool) {
    return pool.snapshot().counts().queued();
  }

  @Test
  void whatThePoolHasNoRoomForWaitsAtTheDoorWhereClientsTakeTurns() {
    WorkerPool pool = workers.pool(mostCalls(2));
    pool.open();
    TaskRun flood = pool.newRun(outcomes);
    for (int i = 0; i < 10; i++) {
      flood.submit(chunk(i, 1));
    }
    assertThat(queued(pool)).isEqualTo(2);
    Outcomes others = new Outcomes();
    TaskRun other = pool.newRun(others);
    other.submit(chunk(1, 1));
    other.submit(chunk(2, 1));
    assertThat(queued(pool)).as("one of each client always fits").isEqualTo(3);
    FakeWorker worker = workers.ready(0);
    for (int i = 1; i <= 5; i++) {
      worker.returns(i, 0, 1);
    }
    assertThat(others.told).containsExactly("results 1 0+1", "results 2 0+1");
    for (int i = 6; i <= 12; i++) {
      worker.returns(i, 0, 1);
    }
    assertThat(outcomes.told).hasSize(10);
    assertThat(queued(pool)).isZero();
  }

  @Test
  void chunkThatWaitsAtTheDoorIsCancelledAtOnce() {
    WorkerPool pool = workers.pool(mostCalls(1));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 2));
    run.submit(chunk(3, 1));
    run.cancel(2, false);
    assertThat(outcomes.told).containsExactly("CANCELLED 2 0", "CANCELLED 2 1");
    FakeWorker worker = workers.ready(0);
    worker.returns(1, 0, 1);
    worker.returns(2, 0, 1);
    assertThat(outcomes.told).endsWith("results 1 0+1", "results 3 0+1");
  }

  @Test
  void chunksAtTheDoorAreRunWhenThePoolIsClosedAndFailWhenItIsTerminated() {
    WorkerPool pool = workers.pool(mostCalls(1));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    for (int i = 1; i <= 4; i++) {
      run.submit(chunk(i, 1));
    }
    run.noMoreChunks();
    pool.close();
    FakeWorker worker = workers.ready(0);
    worker.returns(1, 0, 1);
    worker.returns(2, 0, 1);
    pool.terminate();
    assertThat(outcomes.told)
        .containsExactlyInAnyOrder(
            "results 1 0+1", "results 2 0+1", "CANCELLED 3 0", "CANCELLED 4 0", "finished");
  }

  @Test
  void clientBringsMoreWhileLittleOfItWaitsAtTheDoor() {
    WorkerPool pool = workers.pool(mostCalls(1));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    FakeWorkers.Json large = new FakeWorkers.Json("[[\"" + "x".repeat(2 << 20) + "\"]]");
    for (int i = 1; i <= 3; i++) {
      run.whenMoreFits(() -> outcomes.told.add("more"));
      assertThat(outcomes.told).hasSize(i);
      run.submit(new ChunkRequest(i, FakeWorkers.FUNCTION, 1, large));
    }
    run.whenMoreFits(() -> outcomes.told.add("enough"));
    assertThat(outcomes.told).hasSize(3);
    run.cancel(3, false);
    assertThat(outcomes.told).endsWith("CANCELLED 3 0", "enough");
  }

  @Test
  void bytesOfWaitingCallsAreBounded() {
    WorkerPool pool = workers.pool(options(1, 0));
    pool.open();
    TaskRun run = pool.newRun(outcomes);
    FakeWorkers.Json large = new FakeWorkers.Json("[[\"" + "x".repeat(32 << 20) + "\"]]");
    for (int i = 1; i <= 3; i++) {
      run.submit(new ChunkRequest(i, FakeWorkers.FUNCTION, 1, large));
    }
    assertThat(queued(pool)).isEqualTo(2);
    run.cancel(1, false);
    assertThat(queued(pool)).isEqualTo(2);
    run.cancel();
    assertThat(queued(pool)).isZero();
  }

  @Test
  void busyTimeAndRateAreTold() {
    WorkerPool pool = workers.openPool(options(1, 0));
    pool.newRun(outcomes).submit(chunk(1, 4));
    workers.scheduler.pass(SECOND);
    workers.started.get(0).returns(1, 0, 3);
    assertThat(pool.snapshot().callsPerSecond()).isEqualTo(3);
    workers.scheduler.pass(Duration.ofMillis(500));
    workers.started.get(0).fails(1, 3, Kind.TASK_ERROR);
    assertThat(pool.snapshot().callsPerSecond()).isEqualTo(4);
    workers.scheduler.pass(Duration.ofMillis(600));
    assertThat(pool.snapshot().callsPerSecond()).isEqualTo(1);
    workers.scheduler.pass(Duration.ofMinutes(5));
    assertThat(pool.snapshot().callsPerSecond()).isZero();
    assertThat(pool.snapshot().workers().get(0).busyTime()).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void targetsOfResultsAreGivenToTheSessionOfTheirRunBeforeItIsTold() {
    List<String> notes = new ArrayList<>();
    workers.handles.register(Handle.Kind.QUEUE, FakeWorkers.noting(notes));
    Session caller = new Sessions(1).open();
    WorkerPool pool = workers.openPool(options(1, 0));
    TaskRun run = pool.newRun(outcomes, caller);
    run.submit(chunk(1, 1));
    outcomes.duringResults = () -> notes.add("told");
    Handle handle = new Handle(Handle.Kind.QUEUE, "q", "");
    Results results = new Results(1, 0, 1, new Json("[1]", List.of(handle)));
    workers.started.get(0).slot.results(results);
    assertThat(notes)
        .containsExactly("held q", "shared q with " + caller.id(), "released q", "told");
    workers.started.get(0).slot.results(results);
    assertThat(notes).hasSize(4);
  }

  @Test
  void resultWhoseTargetIsGoneIsTold() {
    workers.handles.register(
        Handle.Kind.QUEUE,
        (gone, inside) -> {
          throw new Fault(Reason.QUEUE_NOT_FOUND, "It is gone.");
        });
    WorkerPool pool = workers.openPool(options(1, 0));
    TaskRun run = pool.newRun(outcomes, new Sessions(1).open());
    run.submit(chunk(1, 1));
    Handle handle = new Handle(Handle.Kind.QUEUE, "q", "");
    workers.started.get(0).slot.results(new Results(1, 0, 1, new Json("[1]", List.of(handle))));
    assertThat(outcomes.told).containsExactly("results 1 0+1");
  }
}
