package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertFails;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Args;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.client.TaskFailedException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Python's {@code multiprocessing.Pool} promises, operation by operation, and what is promised
 * here where that is not good enough.
 */
class PoolSemanticsTest {
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
  void poolHasAsManyWorkersAsItWasToldAtLeastOneAndAtMost1000() {
    try (ProcessPool pool = pool(3)) {
      await().atMost(LONG).until(() -> pool.stats().workers().size() == 3);
    }
    assertThatThrownBy(() -> PoolOptions.defaults().workers(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertRefused("TOO_MANY_WORKERS", () -> pool(5_000));
    assertThatThrownBy(() -> PoolOptions.defaults().maxTasksPerChild(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyWorkerIsInitializedWithItsArgumentsBeforeItsFirstCall() throws Exception {
    PoolOptions options =
        PoolOptions.defaults().workers(2).initializer(PoolTasks::initialize, "ready", 7);
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThat(pool.map(PoolTasks::initialized, numbers(20), 1)).containsOnly("ready 7");
    }
  }

  @Test
  void initializerThatThrowsFailsThePoolWithTheCauseInsteadOfRespawningForEver() throws Exception {
    PoolOptions options =
        PoolOptions.defaults().workers(2).initializer(PoolTasks::failToInitialize, "boom");
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThatThrownBy(() -> pool.apply(Tasks::square, 2))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.POOL_FAILED);
                assertThat(failure.getMessage()).contains("boom");
              });
      assertThat(pool.stats().state()).isEqualTo(PoolStats.State.FAILED);
      assertThat(pool.stats().failure()).isPresent();
    }
  }

  @Test
  void initializerThatIsNotCallableIsRefusedAtOnce() {
    String captured = "x";
    assertThatThrownBy(
            () -> PoolOptions.defaults().initializer(() -> PoolTasks.failToInitialize(captured)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void applyWaitsForTheResultOrThrowsWhatTheTaskThrew() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertThat(pool.apply(Tasks::add, 3, 4)).isEqualTo(7);
      assertFails(Kind.TASK_ERROR, () -> pool.apply(Tasks::squareUnlessNegative, -1));
    }
  }

  @Test
  void mapGivesResultsInTheOrderOfTheInputsAndWaitsForAllBeforeItThrows(@TempDir Path dir)
      throws Exception {
    try (ProcessPool pool = pool(2)) {
      assertThat(pool.map(Tasks::square, numbers(100)))
          .isEqualTo(numbers(100).stream().map(n -> n * n).toList());
      List<Args.Two<String, Integer>> calls =
          List.of(
              Args.of(dir.toString(), 0), Args.of(dir.toString(), 1), Args.of(dir.toString(), 2));
      assertThatThrownBy(() -> pool.starmap(PoolTasks::touchUnlessZero, calls, 3))
          .hasMessageContaining("zero");
      assertThat(dir.resolve("1")).exists();
      assertThat(dir.resolve("2")).exists();
    }
  }

  @Test
  void mapOfNothingIsEmptyAndItsCallbackIsCalled() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertThat(pool.map(Tasks::square, List.of())).isEmpty();
      CountDownLatch called = new CountDownLatch(1);
      pool.mapAsync(Tasks::square, List.<Integer>of()).onSuccess(none -> called.countDown());
      assertThat(called.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void chunkSizeZeroIsRefusedInsteadOfAnsweringNulls() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertThatThrownBy(() -> pool.map(Tasks::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void starmapUnpacksTheArguments() throws Exception {
    try (ProcessPool pool = pool(2)) {
      assertThat(pool.starmap(Tasks::add, List.of(Args.of(1, 2), Args.of(3, 4))))
          .containsExactly(3, 7);
      assertThat(pool.starmapAsync(Tasks::add, List.of(Args.of(5, 6))).get()).containsExactly(11);
    }
  }

  @Test
  void imapReadsItsInputsLazily() {
    List<Integer> read = new ArrayList<>();
    Iterable<Integer> inputs = () -> IntStream.range(0, 100_000).boxed().peek(read::add).iterator();
    try (ProcessPool pool = pool(2);
        PoolResults<Integer> squares = pool.imap(Tasks::square, inputs)) {
      assertThat(squares.next()).isZero();
      assertThat(read).hasSizeLessThan(12);
    }
  }

  @Test
  void imapGoesOnAfterAFailingItemAlsoInChunks() {
    try (ProcessPool pool = pool(1)) {
      for (int chunkSize : new int[] {1, 3}) {
        PoolResults<Integer> squares =
            pool.imap(Tasks::squareUnlessNegative, List.of(0, 1, -2, 3, 4), chunkSize);
        List<Object> seen = new ArrayList<>();
        while (squares.hasNext()) {
          try {
            seen.add(squares.next());
          } catch (TaskFailedException e) {
            seen.add("ERR");
          }
        }
        assertThat(seen).containsExactly(0, 1, "ERR", 9, 16);
      }
    }
  }

  @Test
  void nextWithATimeoutLosesNoItem(@TempDir Path dir) throws Exception {
    String gate = dir.resolve("gate").toString();
    try (ProcessPool pool = pool(1)) {
      PoolResults<Integer> results = pool.imap(PoolTasks::waitFor, List.of(gate));
      assertThatThrownBy(() -> results.next(Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class);
      Files.createFile(Path.of(gate));
      assertThat(results.next(LONG)).isEqualTo(42);
    }
  }

  @Test
  void imapUnorderedGivesResultsAsTheyAreKnown(@TempDir Path dir) throws Exception {
    String gate = dir.resolve("gate").toString();
    String open = Files.createFile(dir.resolve("open")).toString();
    try (ProcessPool pool = pool(2);
        PoolResults<String> results =
            pool.imapUnordered(PoolTasks::waitForAndName, List.of(gate, open))) {
      assertThat(results.next(LONG)).isEqualTo(open);
      Files.createFile(Path.of(gate));
      assertThat(results.next(LONG)).isEqualTo(gate);
    }
  }

  @Test
  void inputIteratorThatThrowsIsAFailureAfterTheGoodItemsAndOfAMapAtOnce() {
    Iterable<Integer> inputs = () -> numbers(3).stream().map(PoolSemanticsTest::noTwo).iterator();
    try (ProcessPool pool = pool(1)) {
      PoolResults<Integer> squares = pool.imap(Tasks::square, inputs);
      assertThat(squares.next()).isZero();
      assertThat(squares.next()).isEqualTo(1);
      assertThatThrownBy(squares::next).hasMessage("no two");
      assertThat(squares.hasNext()).isFalse();
      assertThatThrownBy(() -> pool.map(Tasks::square, inputs)).hasMessage("no two");
    }
  }

  private static int noTwo(int number) {
    if (number == 2) {
      throw new IllegalStateException("no two");
    }
    return number;
  }

  @Test
  void getWithATimeoutLeavesTheTaskAloneAndCarriesTheRemoteStackWhenItFails(@TempDir Path dir)
      throws Exception {
    String gate = dir.resolve("gate").toString();
    try (ProcessPool pool = pool(1)) {
      PoolFuture<Integer> later = pool.applyAsync(PoolTasks::waitFor, gate);
      assertThatThrownBy(() -> later.get(Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class);
      assertThatThrownBy(later::isSuccessful).isInstanceOf(IllegalStateException.class);
      Files.createFile(Path.of(gate));
      assertThat(later.get(LONG)).isEqualTo(42);
      assertThat(later.isSuccessful()).isTrue();
      assertThatThrownBy(() -> pool.apply(Tasks::squareUnlessNegative, -1))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> assertThat(failure.remoteStack()).contains("squareUnlessNegative"));
    }
  }

  @Test
  void callbackThatThrowsHarmsNoOtherResult() throws Exception {
    try (ProcessPool pool = pool(1)) {
      PoolFuture<Integer> first =
          pool.applyAsync(Tasks::square, 2)
              .onSuccess(
                  square -> {
                    throw new IllegalStateException("a callback of the test that throws");
                  });
      assertThat(first.get(LONG)).isEqualTo(4);
      assertThat(pool.applyAsync(Tasks::square, 3).get(LONG)).isEqualTo(9);
    }
  }

  @Test
  void argumentThatCannotBeEncodedIsRefusedToTheCaller() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertRefused(
          "NOT_CONVERTIBLE", () -> pool.applyAsync(PoolTasks::name, Thread.currentThread()));
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void resultThatCannotBeEncodedFailsAsEncodeErrorAndThePoolIsUsable() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertFails(Kind.ENCODE_ERROR, () -> pool.apply(PoolTasks::unencodable));
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void exceptionThatCannotBeRebuiltCrossesAsText() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertThatThrownBy(() -> pool.apply(PoolTasks::throwStrange, 3))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> assertThat(failure.remoteType()).endsWith("Strange"));
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void iteratorsOfResultsShareOneIteration() {
    try (ProcessPool pool = pool(1);
        PoolResults<Integer> squares = pool.imap(Tasks::square, List.of(1, 2))) {
      Iterator<Integer> first = squares.iterator();
      assertThat(first.next()).isEqualTo(1);
      assertThat(squares).containsExactly(4);
    }
  }

  @Test
  void poolIsNoArgumentOfACallAndIsFoundByItsIdInstead() throws Exception {
    try (ProcessPool pool = pool(1)) {
      assertRefused("NOT_CONVERTIBLE", () -> pool.apply(PoolTasks::idOf, pool));
      try (Forkyard other = Forkyard.connect(yard.address())) {
        assertThat(other.pools().get(pool.id()).apply(Tasks::square, 3)).isEqualTo(9);
      }
    }
  }

  @Test
  void applyAsyncWaitsWhileThePoolIsFullInsteadOfFillingTheMemory(@TempDir Path dir)
      throws Exception {
    String gate = dir.resolve("gate").toString();
    String large = "x".repeat(1 << 20);
    AtomicInteger taken = new AtomicInteger();
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1).maxQueued(1))) {
      PoolFuture<Integer> first = pool.applyAsync(PoolTasks::waitFor, gate);
      FutureTask<List<PoolFuture<Integer>>> feeder =
          new FutureTask<>(
              () -> {
                List<PoolFuture<Integer>> all = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                  all.add(pool.applyAsync(PoolTasks::length, large));
                  taken.incrementAndGet();
                }
                return all;
              });
      Thread thread = new Thread(feeder);
      thread.start();
      await().atMost(LONG).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
      assertThat(taken).hasValueLessThan(100);
      Files.createFile(Path.of(gate));
      for (PoolFuture<Integer> each : feeder.get(60, TimeUnit.SECONDS)) {
        assertThat(each.get(LONG)).isEqualTo(1 << 20);
      }
      assertThat(first.get(LONG)).isEqualTo(42);
    }
  }

  @Test
  void mapAsyncGivesAllResultsOrTheFirstFailureInTheOrderOfTheInputs() throws Exception {
    try (ProcessPool pool = pool(2)) {
      assertThat(pool.mapAsync(Tasks::square, numbers(10)).get(LONG)).endsWith(64, 81);
      PoolFuture<List<Integer>> failing =
          pool.mapAsync(Tasks::squareUnlessNegative, List.of(1, -2, 3, -4), 1);
      assertThatThrownBy(() -> failing.get(LONG)).hasMessageContaining("negative: -2");
    }
  }

  @Test
  void imapAndImapUnorderedRefuseChunkSizeZero() {
    try (ProcessPool pool = pool(1)) {
      assertThatThrownBy(() -> pool.imap(Tasks::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pool.imapUnordered(Tasks::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void waitReadyAndSuccessfulTellWhetherThereIsAResult(@TempDir Path dir) throws Exception {
    String gate = dir.resolve("gate").toString();
    try (ProcessPool pool = pool(1)) {
      PoolFuture<Integer> good = pool.applyAsync(PoolTasks::waitFor, gate);
      PoolFuture<Integer> bad = pool.applyAsync(Tasks::squareUnlessNegative, -1);
      assertThat(good.await(Duration.ofMillis(1))).isFalse();
      assertThat(good.isDone()).isFalse();
      assertThatThrownBy(good::isSuccessful).isInstanceOf(IllegalStateException.class);
      Files.createFile(Path.of(gate));
      assertThat(good.await(LONG)).isTrue();
      assertThat(bad.await(LONG)).isTrue();
      assertThat(good.isDone() && bad.isDone()).isTrue();
      assertThat(good.isSuccessful()).isTrue();
      assertThat(bad.isSuccessful()).isFalse();
    }
  }
}
