package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertFails;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.client.TaskFailedException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How workers and pools end: what Python's {@code multiprocessing.Pool} promises, operation by
 * operation, and what is promised here where that is not good enough.
 */
class PoolEndSemanticsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static ProcessPool pool(int workers) {
    return yard.pools().create(PoolOptions.defaults().workers(workers));
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void workersAreReplacedAfterMaxTasksPerChildCalls() throws Exception {
    PoolOptions options = PoolOptions.defaults().workers(1).maxTasksPerChild(2);
    try (ProcessPool pool = yard.pools().create(options)) {
      List<Long> pids = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        pids.add(pool.apply(Tasks::pid));
      }
      assertThat(pids.get(0)).isEqualTo(pids.get(1)).isNotEqualTo(pids.get(2));
      assertThat(pids.get(2)).isEqualTo(pids.get(3));
      assertThat(pool.stats().workersLost()).isZero();
    }
  }

  @Test
  void shutdownFinishesWhatIsQueued() throws Exception {
    ProcessPool pool = pool(1);
    List<PoolFuture<Integer>> queued = new ArrayList<>();
    for (int n : numbers(50)) {
      queued.add(pool.applyAsync(Tasks::square, n));
    }
    pool.close();
    for (int n : numbers(50)) {
      assertThat(queued.get(n).get(LONG)).isEqualTo(n * n);
    }
    assertRefused("POOL_NOT_FOUND", pool::stats);
  }

  @Test
  void terminateResolvesWhatIsOutstandingAsCancelled(@TempDir Path dir) throws Exception {
    ProcessPool pool = pool(1);
    String never = dir.resolve("never").toString();
    PoolFuture<Integer> running = pool.applyAsync(PoolTasks::waitFor, never);
    await().atMost(LONG).until(() -> pool.stats().assigned() == 1);
    PoolFuture<List<Integer>> queued = pool.mapAsync(Tasks::square, numbers(10_000), 1_000);
    await().atMost(LONG).until(() -> pool.stats().queued() == 10_000);
    pool.terminate();
    assertFails(Kind.CANCELLED, () -> running.get(LONG));
    assertFails(Kind.CANCELLED, () -> queued.get(LONG));
    assertThat(pool.stats().failed()).isEqualTo(10_001);
    assertThat(pool.stats().state()).isEqualTo(PoolStats.State.TERMINATED);
    pool.close();
  }

  @Test
  void joinNeedsAShutdownAndThenWaitsUntilTheWorkersHaveEnded(@TempDir Path dir) throws Exception {
    String gate = dir.resolve("gate").toString();
    ProcessPool pool = pool(1);
    assertRefused("JOIN_BEFORE_CLOSE", () -> pool.join(Duration.ZERO));
    PoolFuture<Integer> last = pool.applyAsync(PoolTasks::waitFor, gate);
    pool.shutdown();
    assertThat(pool.join(Duration.ofMillis(1))).isFalse();
    Files.createFile(Path.of(gate));
    pool.join();
    assertThat(last.get()).isEqualTo(42);
    assertThat(pool.stats().workers()).isEmpty();
    assertThat(pool.stats().state()).isEqualTo(PoolStats.State.CLOSED);
    pool.close();
  }

  @Test
  void endOfATryFinishesTheCallsInsteadOfTerminating() throws Exception {
    PoolFuture<Integer> last;
    try (ProcessPool pool = pool(1)) {
      last = pool.applyAsync(Tasks::square, 9);
    }
    assertThat(last.get(LONG)).isEqualTo(81);
  }

  @Test
  void poolThatNobodyClosesEndsWithItsSessionUnlessItIsDetached() {
    String owned;
    String detached;
    try (Forkyard other = Forkyard.connect(yard.address())) {
      owned = other.pools().create(PoolOptions.defaults().workers(1).id("owned")).id();
      detached =
          other
              .pools()
              .create(PoolOptions.defaults().workers(1).label("kept", "yes").detached())
              .id();
    }
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertRefused("POOL_NOT_FOUND", () -> yard.pools().get(owned)));
    assertThat(yard.pools().list(java.util.Map.of("kept", "yes")))
        .extracting(PoolStats::id)
        .containsExactly(detached);
    yard.pools().get(detached).close();
  }

  @Test
  void taskThatExitsIsALostWorkerWithItsExitCode() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertThatThrownBy(() -> pool.apply(Tasks::halt, 3))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.WORKER_LOST);
                assertThat(failure.workerExit()).contains("exit code 3");
                assertThat(failure.stderrTail()).contains("halting with 3");
                assertThat(failure.attempts()).isEqualTo(1);
              });
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void workerThatIsKilledCostsOnlyItsCallAndIsReplaced(@TempDir Path dir) throws Exception {
    try (ProcessPool pool = pool(1)) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      PoolFuture<Integer> queued = pool.applyAsync(Tasks::square, 5);
      await().atMost(LONG).until(() -> Files.exists(dir.resolve("begun")));
      yard.processes().get(pool.stats().workers().get(0).processId()).kill();
      assertFails(Kind.WORKER_LOST, () -> running.get(LONG));
      assertThat(queued.get(LONG)).isEqualTo(25);
    }
  }

  @Test
  void callThatKillsItsWorkerAgainAndAgainIsPoison() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1).retryLost(2))) {
      PoolFuture<Integer> poison = pool.applyAsync(Tasks::halt, 4);
      PoolFuture<Integer> neighbour = pool.applyAsync(Tasks::square, 5);
      assertThatThrownBy(() -> poison.get(LONG))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.isPoison()).isTrue();
                assertThat(failure.attempts()).isEqualTo(3);
              });
      assertThat(neighbour.get(LONG)).isEqualTo(25);
    }
  }

  @Test
  void applyAsyncIsRefusedAfterShutdownAndAfterTerminate() {
    ProcessPool shutDown = pool(1);
    shutDown.shutdown();
    shutDown.shutdown();
    assertRefused("POOL_CLOSED", () -> shutDown.applyAsync(Tasks::square, 1));
    shutDown.close();
    ProcessPool terminated = pool(1);
    terminated.terminate();
    assertRefused("POOL_CLOSED", () -> terminated.applyAsync(Tasks::square, 1));
    terminated.close();
  }
}
