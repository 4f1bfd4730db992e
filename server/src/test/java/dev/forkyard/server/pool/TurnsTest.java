package dev.forkyard.server.pool;

import static dev.forkyard.server.pool.FakeWorkers.chunk;
import static dev.forkyard.server.pool.FakeWorkers.options;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.pool.FakeWorkers.FakeWorker;
import dev.forkyard.server.worker.Assignment;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients take turns, however much one of them has queued. */
class TurnsTest {
  /** So long that a worker gets nothing ahead. */
  private static final Duration LONG = Duration.ofMillis(20);

  private static final int MOST_AHEAD = 16;

  private final FakeWorkers workers = new FakeWorkers();
  private final Outcomes outcomes = new Outcomes();
  private final WorkerPool pool = workers.openPool(options(1, 0));
  private final FakeWorker worker = workers.started.get(0);

  /** A client with a million calls. */
  private TaskRun greedy() {
    TaskRun run = pool.newRun(new Outcomes());
    IntStream.range(0, 1000).forEach(number -> run.submit(chunk(number, 1000)));
    assertThat(pool.snapshot().counts().queued()).as("the pool is full").isEqualTo(100_000);
    return run;
  }

  private void submit(int chunks, int callsOfEach) {
    TaskRun run = pool.newRun(outcomes);
    IntStream.range(0, chunks).forEach(number -> run.submit(chunk(number, callsOfEach)));
  }

  private void finish(int assignment) {
    Assignment finished = worker.assigned.get(assignment);
    worker.returns(finished.number(), 0, finished.count());
  }

  private List<Integer> sizesOfAssignments() {
    return worker.assigned.stream().map(Assignment::count).toList();
  }

  @Test
  void firstCallOfAnotherClientWaitsForOneTurnOfThoseBeforeIt() {
    greedy();
    submit(3, 1);
    for (int i = 0; i < 7; i++) {
      workers.scheduler.pass(LONG);
      finish(i);
    }
    assertThat(sizesOfAssignments()).containsExactly(1000, 1000, 1, 1000, 1, 1000, 1, 1000);
    assertThat(outcomes.told).containsExactly("results 0 0+1", "results 1 0+1", "results 2 0+1");
  }

  @Test
  void clientsTakeOneTurnEach() {
    greedy();
    submit(2, 1);
    submit(2, 2);
    submit(1, 3);
    for (int i = 0; i < 7; i++) {
      workers.scheduler.pass(LONG);
      finish(i);
    }
    assertThat(sizesOfAssignments()).containsExactly(1000, 1000, 1, 2, 3, 1000, 1, 2);
  }

  @Test
  void clientThatComesWhileAWorkerHasShortCallsAheadWaitsForOneTurnBehindThem() {
    greedy();
    finish(0);
    assertThat(worker.assigned).as("one is finished").hasSize(1 + MOST_AHEAD);
    submit(1, 1);
    finish(1);
    finish(2);
    assertThat(sizesOfAssignments()).last().isEqualTo(1);
  }
}
