package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Args;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
    return yard.pools().create(PoolOptions.workers(workers));
  }

  private static void assertRefused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private static void assertFails(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TaskFailedException.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void poolHasAsManyWorkersAsItWasToldAtLeastOneAndAtMost1000() {
    try (ProcessPool pool = pool(3)) {
      await().atMost(LONG).until(() -> pool.stats().workers().size() == 3);
    }
    assertThatThrownBy(() -> PoolOptions.workers(0)).isInstanceOf(IllegalArgumentException.class);
    assertRefused("TOO_MANY_WORKERS", () -> pool(5_000));
  }

  @Test
  void everyWorkerIsInitializedWithItsArgumentsBeforeItsFirstCall() throws Exception {
    PoolOptions options = PoolOptions.workers(2).initializer(PoolTasks::initialize, "ready", 7);
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThat(pool.map(PoolTasks::initialized, numbers(20), 1)).containsOnly("ready 7");
    }
  }

  @Test
  void initializerThatThrowsFailsThePoolWithTheCauseInsteadOfRespawningForEver() throws Exception {
    PoolOptions options = PoolOptions.workers(2).initializer(PoolTasks::failToInitialize, "boom");
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
  void workersAreReplacedAfterMaxTasksPerChildCalls() throws Exception {
    PoolOptions options = PoolOptions.workers(1).maxTasksPerChild(2);
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
    PoolFuture<List<Integer>> queued = pool.mapAsync(Tasks::square, numbers(10_000), 1);
    pool.terminate();
    assertFails(Kind.CANCELLED, () -> running.get(LONG));
    assertFails(Kind.CANCELLED, () -> queued.get(LONG));
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
    assertThat(last.get(Duration.ZERO)).isEqualTo(81);
  }

  @Test
  void poolThatNobodyClosesEndsWithItsSessionUnlessItIsDetached() {
    String owned;
    String detached;
    try (Forkyard other = Forkyard.connect(yard.address())) {
      owned = other.pools().create(PoolOptions.workers(1).id("owned")).id();
      detached = other.pools().create(PoolOptions.workers(1).label("kept", "yes").detached()).id();
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
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(1).retryLost(2))) {
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
  void cancelEndsARunningCallAndLeavesTheOthersAlone(@TempDir Path dir) throws Exception {
    String never = dir.resolve("never").toString();
    PoolOptions options = PoolOptions.workers(1).cancelGrace(Duration.ofMillis(200));
    try (ProcessPool pool = yard.pools().create(options)) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::waitFor, never);
      PoolFuture<Integer> stubborn = pool.applyAsync(PoolTasks::ignoreInterrupts, never);
      PoolFuture<Integer> queued = pool.applyAsync(PoolTasks::waitFor, never);
      List<PoolFuture<Integer>> behind = new ArrayList<>();
      for (int n : numbers(1_000)) {
        behind.add(pool.applyAsync(Tasks::square, n));
      }
      running.cancel(true);
      stubborn.cancel(true);
      queued.cancel(false);
      assertThat(behind.get(999).get(LONG)).isEqualTo(999 * 999);
      assertThat(running.isCancelled()).isTrue();
    }
  }

  @Test
  void callThatRunsTooLongFailsAsTimeout(@TempDir Path dir) throws Exception {
    String never = dir.resolve("never").toString();
    PoolOptions options = PoolOptions.workers(1).callTimeout(Duration.ofMillis(300));
    try (ProcessPool pool = yard.pools().create(options)) {
      assertFails(Kind.TIMEOUT, () -> pool.apply(PoolTasks::waitFor, never));
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
    }
  }

  @Test
  void poolCanBeResizedAndWatched() throws Exception {
    try (ProcessPool pool = pool(1);
        var watch = pool.watch(Duration.ofMillis(100))) {
      assertThat(watch.next().size()).isEqualTo(1);
      pool.resize(2);
      PoolStats seen = watch.next();
      while (seen.size() != 2) {
        seen = watch.next();
      }
      assertThat(pool.stats().size()).isEqualTo(2);
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
}
