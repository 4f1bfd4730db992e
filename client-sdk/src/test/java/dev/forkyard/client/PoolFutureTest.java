package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolFutureTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
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

  private static void assertCancelled(PoolFuture<?> future) {
    assertThat(future.isCancelled()).isTrue();
    assertThatThrownBy(() -> future.get(Duration.ZERO))
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.CANCELLED));
  }

  @Test
  void successIsKnownOnlyWhenItIsResolved() throws Exception {
    PoolFuture<Integer> pending = silent.pool().applyAsync(ProcessPoolTest::square, 7);
    assertThat(pending.isDone()).isFalse();
    assertThatThrownBy(pending::isSuccessful).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(pending::failure).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> pending.get(Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class);
    assertThat(pending.await(Duration.ofMillis(1))).isFalse();

    PoolFuture<Integer> good = prompt.pool().applyAsync(ProcessPoolTest::square, 7);
    PoolFuture<Integer> bad = prompt.pool().applyAsync(ProcessPoolTest::square, -7);
    assertThat(good.await(LONG)).isTrue();
    assertThat(bad.await(LONG)).isTrue();
    assertThat(good.isSuccessful()).isTrue();
    assertThat(good.failure()).isEmpty();
    assertThat(bad.isSuccessful()).isFalse();
    assertThat(bad.failure()).get().isInstanceOf(TaskFailedException.class);
    assertThat(bad.isCancelled()).isFalse();
  }

  @Test
  void cancelledCallIsResolvedAtOnceAndGivenUpInThePool() throws Exception {
    ProcessPool pool = silent.pool();
    PoolFuture<Integer> running = pool.applyAsync(ProcessPoolTest::square, 7);
    PoolFuture<Integer> queued = pool.applyAsync(ProcessPoolTest::square, 8);
    silent.fake.awaitChunks(2);
    assertThat(running.cancel(true)).isTrue();
    assertThat(queued.cancel(false)).isTrue();
    assertCancelled(running);
    assertCancelled(queued);
    assertThat(running.cancel(true)).isFalse();
    assertThat(pool.applyAsync(ProcessPoolTest::square, 9).isDone()).isFalse();
    silent.fake.awaitCancels(2);
    assertThat(silent.fake.cancels)
        .extracting("number", "running")
        .containsExactly(tuple(1, true), tuple(2, false));
  }

  @Test
  void resolvedCallCannotBeCancelled() throws Exception {
    PoolFuture<Integer> done = prompt.pool().applyAsync(ProcessPoolTest::square, 7);
    assertThat(done.get(LONG)).isEqualTo(49);
    assertThat(done.cancel(true)).isFalse();
    assertThat(done.get()).isEqualTo(49);
  }

  @Test
  void cancelledMapGivesUpItsChunksAlsoAfterTheShutdown() throws Exception {
    ProcessPool pool = silent.pool();
    PoolFuture<List<Integer>> squares =
        pool.mapAsync(ProcessPoolTest::square, List.of(1, 2, 3, 4), 2);
    silent.fake.awaitChunks(2);
    pool.shutdown();
    squares.cancel(true);
    assertCancelled(squares);
    silent.fake.awaitCancels(2);
    assertThat(silent.fake.cancels).extracting("number").containsExactly(1, 2);
  }

  @Test
  void callbacksRunOnTheCallersExecutor() throws Exception {
    ExecutorService own = Executors.newSingleThreadExecutor(task -> new Thread(task, "my own"));
    ProcessPool pool = prompt.pool();
    pool.applyAsync(ProcessPoolTest::square, 7)
        .onSuccess(square -> told.add(square + " on " + Thread.currentThread().getName()), own)
        .onFailure(failure -> told.add("never"), own);
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("49 on my own");
    pool.applyAsync(ProcessPoolTest::square, -7)
        .onSuccess(square -> told.add("never"), own)
        .onFailure(failure -> told.add(failure.getMessage()), own);
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("Negative: -7");
    own.shutdown();
    assertThat(own.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(told).isEmpty();
  }

  @Test
  void callbackThatThrowsHarmsNothingAndIsReported() throws Exception {
    ProcessPool pool = prompt.pool();
    java.util.logging.Logger logger =
        java.util.logging.Logger.getLogger(PoolFuture.class.getName());
    java.util.logging.Handler handler = new Reports(told);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    try {
      PoolFuture<Integer> first =
          pool.applyAsync(ProcessPoolTest::square, 7)
              .onSuccess(
                  square -> {
                    throw new IllegalStateException("bad callback");
                  });
      assertThat(told.poll(20, TimeUnit.SECONDS)).hasToString("bad callback");
      first.whenDone(done -> told.add(done.isSuccessful()), Runnable::run);
      assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(true);
      assertThat(first.get(LONG)).isEqualTo(49);
      assertThat(pool.applyAsync(ProcessPoolTest::square, 8).get(LONG)).isEqualTo(64);
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  @Test
  void mapOfNothingIsResolvedAtOnceAndItsCallbackIsCalled() throws Exception {
    PoolFuture<List<Integer>> none =
        silent.pool().mapAsync(ProcessPoolTest::square, new ArrayList<Integer>());
    none.onSuccess(told::add);
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(List.of());
    assertThat(none.get(LONG)).isEmpty();
  }

  @Test
  void mapIsResolvedWithTheFirstFailureInOrderOrTheResults() throws Exception {
    ProcessPool pool = prompt.pool();
    assertThat(pool.mapAsync(ProcessPoolTest::square, List.of(1, 2, 3)).get(LONG))
        .containsExactly(1, 4, 9);
    assertThatThrownBy(
            () -> pool.mapAsync(ProcessPoolTest::square, List.of(1, -2, 3, -4), 1).get(LONG))
        .hasMessage("Negative: -2");
  }

  @Test
  void everyFutureIsResolvedWhenTheDaemonDies() throws Exception {
    ProcessPool pool = silent.pool();
    PoolFuture<Integer> call = pool.applyAsync(ProcessPoolTest::square, 7);
    PoolFuture<List<Integer>> map = pool.mapAsync(ProcessPoolTest::square, List.of(1, 2));
    silent.fake.awaitChunks(3);
    silent.die();
    assertThatThrownBy(() -> call.get(LONG)).isInstanceOf(ForkyardException.class);
    assertThatThrownBy(() -> map.get(LONG)).isInstanceOf(ForkyardException.class);
    assertThat(call.failure()).isPresent();
  }

  /** Collects what is logged. */
  private static final class Reports extends java.util.logging.Handler {
    private final BlockingQueue<Object> told;

    Reports(BlockingQueue<Object> told) {
      this.told = told;
    }

    @Override
    public void publish(java.util.logging.LogRecord entry) {
      told.add(entry.getThrown().getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
