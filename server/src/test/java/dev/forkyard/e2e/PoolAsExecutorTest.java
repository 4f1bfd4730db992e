package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK promises of an executor, kept by a pool, and that a death breaks nothing. */
@Timeout(120)
class PoolAsExecutorTest {
  private static final Callable<Integer> FOUR = (Callable<Integer> & Serializable) PoolTasks::four;
  private static final Callable<Integer> WAIT =
      (Callable<Integer> & Serializable) PoolTasks::announceAndWaitInGate;
  private static final Callable<Integer> FAIL = (Callable<Integer> & Serializable) PoolTasks::fail;
  private static final Callable<Integer> DIE = (Callable<Integer> & Serializable) PoolTasks::die;
  private static final Runnable NOTHING = (Runnable & Serializable) PoolTasks::nothing;
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static ProcessPool pool(int workers, Path gate) {
    return yard.pools()
        .create(PoolOptions.defaults().workers(workers).env("GATE", gate.toString()));
  }

  private static void awaitBegun(Path gate) {
    await().atMost(60, TimeUnit.SECONDS).until(() -> Files.exists(gate.resolve("begun")));
  }

  private static void assertUsable(ExecutorService executor) throws Exception {
    assertThat(executor.submit(FOUR).get(60, TimeUnit.SECONDS)).isEqualTo(4);
  }

  @Test
  void shutdownNowAnswersWhatNeverBeganInItsOrderAndEndsWhatRuns(@TempDir Path gate)
      throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      assertUsable(executor);
      Future<Integer> running = executor.submit(WAIT);
      awaitBegun(gate);
      Future<Integer> waiting = executor.submit(FOUR);
      executor.execute(NOTHING);
      Future<?> last = executor.submit(NOTHING, "done");
      List<Runnable> neverBegun = executor.shutdownNow();
      assertThat(neverBegun).hasSize(3).startsWith((Runnable) waiting).endsWith(NOTHING, NOTHING);
      assertThatThrownBy(() -> running.get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      assertThat(last.isDone()).isTrue();
      assertThatThrownBy(waiting::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TaskFailedException.class);
      assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      assertThat(executor.isTerminated()).isTrue();
      assertThatThrownBy(() -> executor.submit(FOUR))
          .isInstanceOf(RejectedExecutionException.class);
    }
  }

  @Test
  void shutdownFinishesWhatWaits(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      Future<Integer> running = executor.submit(WAIT);
      Future<Integer> waiting = executor.submit(FOUR);
      executor.shutdown();
      assertThat(executor.isTerminated()).isFalse();
      assertThat(executor.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
      Files.createFile(gate.resolve("end"));
      assertThat(executor.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS)).isTrue();
      assertThat(running.get()).isEqualTo(42);
      assertThat(waiting.get()).isEqualTo(4);
    }
  }

  @Test
  void invokeAllWaitsForAllAlsoForThoseThatFail(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(2, gate)) {
      List<Future<Integer>> all = pool.asExecutorService().invokeAll(List.of(FOUR, FAIL, FOUR));
      assertThat(all).allMatch(Future::isDone);
      assertThat(all.get(2).get()).isEqualTo(4);
      assertThatThrownBy(() -> all.get(1).get())
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("failed as it should");
    }
  }

  @Test
  void invokeAllWithATimeoutCancelsWhatIsNotDoneAndFreesTheWorker(@TempDir Path gate)
      throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      List<Future<Integer>> all =
          executor.invokeAll(List.of(WAIT, FOUR), 300, TimeUnit.MILLISECONDS);
      assertThat(all).allMatch(Future::isCancelled);
      assertUsable(executor);
    }
  }

  @Test
  void invokeAnyAnswersASuccessAndCancelsTheOthers(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(2, gate)) {
      ExecutorService executor = pool.asExecutorService();
      assertThat(executor.invokeAny(List.of(FAIL, WAIT, FOUR))).isEqualTo(4);
      assertThat(executor.invokeAll(List.of(FOUR, FOUR, FOUR))).allMatch(Future::isDone).hasSize(3);
      assertThatThrownBy(() -> executor.invokeAny(List.of(FAIL, FAIL)))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(TaskFailedException.class);
    }
  }

  @Test
  void invokeAnyWithATimeoutGivesUpAndFreesTheWorker(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      assertThatThrownBy(() -> executor.invokeAny(List.of(WAIT), 300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertUsable(executor);
    }
  }

  @Test
  void deathOfAWorkerCostsOneTaskAndBreaksNoOther(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      Future<Integer> lost = executor.submit(DIE);
      Future<Integer> next = executor.submit(FOUR);
      assertThatThrownBy(lost::get)
          .cause()
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure ->
                  assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.WORKER_LOST));
      assertThat(next.get(60, TimeUnit.SECONDS)).isEqualTo(4);
      assertUsable(executor);
    }
  }

  @Test
  void waitingTaskThatIsCancelledDoesNotRun(@TempDir Path gate) throws Exception {
    try (ProcessPool pool = pool(1, gate)) {
      ExecutorService executor = pool.asExecutorService();
      Future<Integer> running = executor.submit(WAIT);
      Future<Integer> waiting = executor.submit(FOUR);
      assertThat(waiting.cancel(false)).isTrue();
      Files.createFile(gate.resolve("end"));
      assertThat(running.get(60, TimeUnit.SECONDS)).isEqualTo(42);
      assertThat(pool.stats().done()).isEqualTo(1);
    }
  }
}
