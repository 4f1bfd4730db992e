package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Handle;
import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.process.ProcessSnapshot;
import dev.forkyard.server.process.ProcessState;
import dev.forkyard.server.session.Handles;
import dev.forkyard.server.session.Sessions;
import dev.forkyard.server.testing.FakeScheduler;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import dev.forkyard.server.worker.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private static final WorkerDeath BETWEEN_CALLS =
      new WorkerDeath("exit code 9", false, "last words", null);

  private final FakeScheduler scheduler = new FakeScheduler();
  private final Sessions sessions = new Sessions(100);
  private final List<Slot> started = new ArrayList<>();
  private final List<Assignment> assigned = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private Runnable duringResults = () -> {};

  private final WorkerPool pool = pool(0);

  private record Json(String text) implements Payload {
    @Override
    public int sizeBytes() {
      return text.length();
    }

    @Override
    public List<Handle> handles() {
      return List.of();
    }
  }

  private final OutcomeSink sink =
      new OutcomeSink() {
        @Override
        public void results(int chunk, int first, int count, Payload results) {
          Runnable action = duringResults;
          duringResults = () -> {};
          action.run();
          told.add("results " + chunk + " " + first + "+" + count);
        }

        @Override
        public void failure(int chunk, int index, Failure failure) {
          told.add(failure.kind() + " " + chunk + " " + index);
        }

        @Override
        public void chunkDone() {}

        @Override
        public void finished() {
          told.add("finished");
        }
      };

  private WorkerPool pool(int retryLost) {
    WorkerSpec spec = new WorkerSpec("", List.of("/worker.jar"), List.of(), "", Map.of(), false);
    Crew.WorkerStarter starter =
        new Crew.WorkerStarter() {
          @Override
          public void start(Slot slot) {
            started.add(slot);
          }

          @Override
          public void stop(String processId) {}
        };
    return new WorkerPool(
        "p", PoolOptions.of(spec, 1, retryLost, 10), starter, new Handles(), scheduler);
  }

  private Slot ready(int index) {
    Slot slot = started.get(index);
    runs(slot, index);
    saysHello(slot);
    return slot;
  }

  private void runs(Slot slot, int index) {
    slot.started(
        new ProcessSnapshot(
            "w" + index,
            ProcessState.RUNNING,
            1,
            1,
            List.of(),
            "",
            null,
            "",
            "",
            null,
            null,
            null,
            OutputExtent.NONE,
            OutputExtent.NONE,
            null,
            Map.of(),
            1,
            1,
            null),
        sessions.open());
  }

  private void saysHello(Slot slot) {
    slot.ready(
        new WorkerLink() {
          @Override
          public void assign(Assignment assignment) {
            assigned.add(assignment);
          }

          @Override
          public void drain() {}

          @Override
          public void close() {}
        });
  }

  private static ChunkRequest chunk(int number, int count) {
    String arguments = "[" + "[1],".repeat(count) + "]";
    return new ChunkRequest(number, new FunctionName("a.B::c", ""), count, new Json(arguments));
  }

  private static Results results(int assignment, int first, int count) {
    return new Results(assignment, first, count, new Json("[]"));
  }

  @Test
  void runIsFinishedOnlyAfterEveryOutcomeWasTold() {
    pool.open();
    Slot slot = ready(0);
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 1));
    run.submit(chunk(2, 1));
    run.noMoreChunks();
    slot.results(results(1, 0, 1));
    assertThat(assigned).hasSize(2);
    told.clear();
    TaskRun second = pool.newRun(sink);
    second.submit(chunk(3, 2));
    second.noMoreChunks();
    slot.results(results(2, 0, 1));
    told.clear();
    // the rest of the chunk is answered while the beginning is being told
    duringResults = () -> slot.results(results(3, 1, 1));
    slot.results(results(3, 0, 1));
    assertThat(told).containsExactly("results 3 1+1", "results 3 0+1", "finished");
  }

  @Test
  void deathCostsTheRunningCallAndTheRestGoesToAnotherWorker() {
    pool.open();
    Slot slot = ready(0);
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 4));
    run.noMoreChunks();
    slot.results(results(1, 0, 1));
    slot.lost(new WorkerDeath("signal KILL", false, "", new RunningCall(1, 1)));
    scheduler.pass(Duration.ofSeconds(1));
    ready(1);
    assertThat(assigned.get(1).first()).isEqualTo(2);
    started.get(1).results(results(1, 2, 2));
    assertThat(told)
        .containsExactly("results 1 0+1", "WORKER_LOST 1 1", "results 1 2+2", "finished");
  }

  @Test
  void resultThatIsToldTwiceCountsOnce() {
    pool.open();
    Slot slot = ready(0);
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 2));
    slot.results(results(1, 0, 1));
    slot.results(results(1, 0, 1));
    assertThat(told).containsExactly("results 1 0+1");
    assertThat(pool.snapshot("").counts().done()).isEqualTo(1);
  }

  @Test
  void deathBetweenCallsBlamesNobody() {
    pool.open();
    Slot slot = ready(0);
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 2));
    slot.results(results(1, 0, 1));
    slot.lost(BETWEEN_CALLS);
    scheduler.pass(Duration.ofSeconds(1));
    ready(1);
    assertThat(assigned.get(1).first()).isEqualTo(1);
    assertThat(told).containsExactly("results 1 0+1");
  }

  @Test
  void workersThatNeverBeginACallFailThePoolInsteadOfDyingForEver() {
    pool.open();
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 2));
    run.noMoreChunks();
    for (int i = 0; i < 3; i++) {
      ready(i).lost(BETWEEN_CALLS);
      scheduler.pass(Duration.ofSeconds(1));
    }
    assertThat(started).hasSize(3);
    assertThat(told).containsExactly("POOL_FAILED 1 0", "POOL_FAILED 1 1", "finished");
    assertThat(pool.snapshot("").state()).isEqualTo(PoolState.FAILED);
  }

  @Test
  void idleWorkersMayBeKilledAnyNumberOfTimes() {
    pool.open();
    for (int i = 0; i < 10; i++) {
      ready(i).lost(BETWEEN_CALLS);
      scheduler.pass(Duration.ofSeconds(1));
    }
    assertThat(pool.snapshot("").state()).isEqualTo(PoolState.OPEN);
    assertThat(started).hasSize(11);
  }

  @Test
  void helloThatOvertakesTheStartIsNoTrouble() {
    pool.open();
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 1));
    saysHello(started.get(0));
    assertThat(assigned).isEmpty();
    runs(started.get(0), 0);
    assertThat(assigned).hasSize(1);
  }

  @Test
  void terminatedPoolAnswersEverythingOnce() {
    pool.open();
    Slot slot = ready(0);
    TaskRun run = pool.newRun(sink);
    run.submit(chunk(1, 2));
    run.submit(chunk(2, 1));
    run.noMoreChunks();
    slot.results(results(1, 0, 1));
    pool.terminate();
    slot.results(results(1, 1, 1));
    assertThat(told).containsExactly("results 1 0+1", "CANCELLED 2 0", "CANCELLED 1 1", "finished");
  }
}
