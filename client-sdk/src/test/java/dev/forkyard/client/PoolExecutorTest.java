package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolExecutorTest {
  private static final Callable<Integer> FOUR =
      (Callable<Integer> & Serializable) PoolExecutorTest::four;
  private static final Runnable NOTHING = (Runnable & Serializable) PoolExecutorTest::nothing;

  private PoolYard prompt;
  private PoolYard silent;

  @BeforeEach
  void connect() throws IOException {
    prompt = new PoolYard(1);
    silent = new PoolYard(Integer.MAX_VALUE);
  }

  @AfterEach
  void disconnect() throws Exception {
    prompt.close();
    silent.close();
  }

  static int four() {
    return 4;
  }

  static void nothing() {}

  @Test
  void whatIsSubmittedRunsInThePool() throws Exception {
    ExecutorService executor = prompt.pool().asExecutorService();
    assertThat(executor.submit(FOUR).get(20, TimeUnit.SECONDS)).isZero();
    assertThat(executor.submit(NOTHING, "done").get(20, TimeUnit.SECONDS)).isEqualTo("done");
    assertThat(executor.submit(NOTHING).get(20, TimeUnit.SECONDS)).isNull();
    executor.execute(NOTHING);
    prompt.fake.awaitChunks(4);
    assertThat(prompt.fake.functions)
        .containsExactly(
            "PoolExecutorTest::four",
            "PoolExecutorTest::nothing",
            "PoolExecutorTest::nothing",
            "PoolExecutorTest::nothing");
  }

  @Test
  void allAndAnyAreInvoked() throws Exception {
    ExecutorService executor = prompt.pool().asExecutorService();
    for (Future<Integer> each : executor.invokeAll(List.of(FOUR, FOUR))) {
      assertThat(each.get()).isZero();
    }
    assertThat(executor.invokeAny(List.of(FOUR, FOUR))).isZero();
    ExecutorService never = silent.pool().asExecutorService();
    assertThatThrownBy(() -> never.invokeAny(List.of(FOUR), 1, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(never.invokeAll(List.of(FOUR), 1, TimeUnit.MILLISECONDS))
        .allMatch(Future::isCancelled);
  }

  @Test
  void nobodyWaitsForRoomInAFullPoolLongerThanTheTimeout() throws Exception {
    silent.fake.info = silent.fake.info.toBuilder().setMaxQueuedCalls(1).build();
    ExecutorService full = silent.pool().asExecutorService();
    List<Callable<Integer>> many = Collections.nCopies(1_000, FOUR);
    assertThat(full.invokeAll(many, 1, TimeUnit.MILLISECONDS))
        .hasSize(1_000)
        .allMatch(Future::isCancelled);
    assertThatThrownBy(() -> full.invokeAny(many, 1, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void failureIsTheCauseAndACancelledTaskIsGivenUpInThePool() throws Exception {
    prompt.fake.fails = true;
    Future<Integer> failing = prompt.pool().asExecutorService().submit(FOUR);
    assertThatThrownBy(() -> failing.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TaskFailedException.class);
    Future<Integer> cancelled = silent.pool().asExecutorService().submit(FOUR);
    silent.fake.awaitChunks(1);
    assertThat(cancelled.cancel(true)).isTrue();
    assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
    silent.fake.awaitCancels(1);
  }

  @Test
  void whatCannotCrossIsRefusedWithASentence() {
    ExecutorService executor = prompt.pool().asExecutorService();
    String captured = executor.toString();
    assertThatThrownBy(() -> executor.submit(() -> 3))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("references to methods");
    assertThatThrownBy(
            () -> executor.submit((Callable<Integer> & Serializable) () -> captured.length()))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("captures")
        .hasMessageContaining("ProcessPool.applyAsync(a -> ..., captured)");
    assertThatThrownBy(() -> CompletableFuture.supplyAsync(PoolExecutorTest::four, executor))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("AsyncSupply")
        .hasMessageContaining("applyAsync(Tasks::count).toCompletableFuture()");
  }

  @Test
  void shutDownExecutorRefusesFinishesAndIsTerminated() throws Exception {
    ExecutorService executor = prompt.pool().asExecutorService();
    Future<Integer> last = executor.submit(FOUR);
    assertThat(executor.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(executor.isTerminated()).isFalse();
    executor.shutdown();
    assertThat(executor.isShutdown()).isTrue();
    assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(executor.isTerminated()).isTrue();
    assertThat(last.get()).isZero();
    assertThatThrownBy(() -> executor.submit(FOUR)).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void executorOfADaemonThatIsGoneIsTerminatedAndNamesNoTaskAsNeverBegun() throws Exception {
    ExecutorService executor = silent.pool().asExecutorService();
    Future<Integer> lost = executor.submit(FOUR);
    silent.fake.awaitChunks(1);
    silent.die();
    assertThat(executor.shutdownNow()).isEmpty();
    assertThat(executor.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS)).isTrue();
    assertThat(executor.isTerminated()).isTrue();
    assertThatThrownBy(() -> lost.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
  }

  @Test
  void nullIsNoTask() {
    ExecutorService executor = prompt.pool().asExecutorService();
    List<Callable<Integer>> withNull = new ArrayList<>(List.of(FOUR));
    withNull.add(null);
    assertThatThrownBy(() -> executor.execute(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> executor.invokeAny(withNull)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> executor.invokeAll(withNull)).isInstanceOf(NullPointerException.class);
  }
}
