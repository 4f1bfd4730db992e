package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessPoolTest {
  private final FakePool fake = new FakePool(true);
  private final FakePool prompt = new FakePool(false);
  private FakeDaemon daemon;
  private FakeDaemon promptDaemon;
  private Forkyard yard;
  private Forkyard promptYard;

  static int square(int number) {
    return number * number;
  }

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    promptDaemon = new FakeDaemon(new FakeSession(), prompt);
    yard = Forkyard.connect(daemon.address());
    promptYard = Forkyard.connect(promptDaemon.address());
  }

  @AfterEach
  void disconnect() throws Exception {
    yard.close();
    promptYard.close();
    daemon.close();
    promptDaemon.close();
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void resultsComeInTheOrderOfTheItemsWhateverTheOrderOfTheAnswers() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, numbers(100)))
          .isEqualTo(numbers(100).stream().map(n -> n * n).toList());
    }
  }

  @Test
  void defaultChunksAreAQuarterOfEachWorkersShareRoundedUp() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, numbers(33))).hasSize(33);
    }
    assertThat(fake.chunkSizes).containsExactly(5, 5, 5, 5, 5, 5, 3);
  }

  @Test
  void chunksThatDoNotFitIntoAMessageAreCut() throws Exception {
    List<Integer> many = numbers(1_000_000);
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, many, 1_000_000)).hasSize(1_000_000);
    }
    assertThat(fake.chunkSizes).hasSizeGreaterThan(4);
    assertThat(fake.chunkSizes.stream().mapToInt(size -> size).sum()).isEqualTo(1_000_000);
  }

  @Test
  void firstFailureInTheOrderOfTheItemsIsThrown() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThatThrownBy(() -> pool.map(ProcessPoolTest::square, List.of(1, 2, -3, 4, -5, 6)))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.TASK_ERROR);
                assertThat(failure).hasMessage("Negative: -3");
              });
    }
  }

  @Test
  void nothingIsSentForNoItems() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, List.of())).isEmpty();
    }
    assertThat(fake.chunkSizes).isEmpty();
  }

  @Test
  void chunkSizeBelowOneIsRefused() {
    try (ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
      assertThatThrownBy(() -> pool.map(ProcessPoolTest::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void lazyMapReadsOnlySoFarAheadThatTheWorkersStayBusy() {
    List<Integer> read = new ArrayList<>();
    Iterable<Integer> endless = () -> IntStream.iterate(0, n -> n + 1).peek(read::add).iterator();
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.workers(2));
        PoolResults<Integer> results = pool.imap(ProcessPoolTest::square, endless)) {
      Iterator<Integer> squares = results.iterator();
      assertThat(squares.next()).isZero();
      assertThat(squares.next()).isEqualTo(1);
      assertThat(read).hasSizeLessThan(12);
    }
  }

  @Test
  void lazyMapGoesOnAfterAFailure() {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.workers(2))) {
      Iterator<Integer> squares =
          pool.imap(ProcessPoolTest::square, List.of(2, -1, 3), 3).iterator();
      assertThat(squares.next()).isEqualTo(4);
      assertThatThrownBy(squares::next).isInstanceOf(TaskFailedException.class);
      assertThat(squares.next()).isEqualTo(9);
      assertThat(squares.hasNext()).isFalse();
    }
  }

  @Test
  void singleCallsGetTheirResults() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.workers(2))) {
      PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
      assertThat(later.get()).isEqualTo(49);
    }
  }

  @Test
  void futuresAreResolvedWhenTheStreamBreaksAndLaterCallsGetAnotherOne() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.workers(2))) {
      prompt.breaksOff = true;
      PoolFuture<Integer> lost = pool.applyAsync(ProcessPoolTest::square, 7);
      assertThatThrownBy(lost::get)
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("CONNECTION_LOST"));
      prompt.breaksOff = false;
      assertThat(pool.apply(ProcessPoolTest::square, 8)).isEqualTo(64);
    }
  }

  @Test
  void futuresAreResolvedWhenTheConnectionIsClosed() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    yard.close();
    assertThatThrownBy(later::get).isInstanceOf(ForkyardException.class);
  }

  @Test
  void closedPoolTakesNoCalls() {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(2));
    pool.close();
    assertThatThrownBy(() -> pool.apply(ProcessPoolTest::square, 3))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("POOL_CLOSED"));
  }

  @Test
  void poolIsTerminatedByAnInterruptedThreadToo() {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(2));
    Thread.currentThread().interrupt();
    pool.terminate();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(fake.terminated).isTrue();
  }

  @Test
  void closeOfAnInterruptedThreadTerminatesThePoolAtOnce() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    fake.keepsBack = true;
    Thread.currentThread().interrupt();
    pool.close();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(fake.terminated).isTrue();
    assertThatThrownBy(later::get)
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            cancelled ->
                assertThat(cancelled.kind()).isEqualTo(TaskFailedException.Kind.CANCELLED));
  }

  @Test
  void joinNeedsAShutdownAndThenWaitsForTheCalls() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    assertThatThrownBy(() -> pool.join(Duration.ofSeconds(20)))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("JOIN_BEFORE_CLOSE"));
    pool.shutdown();
    assertThat(pool.join(Duration.ofSeconds(20))).isTrue();
    assertThat(later.get(Duration.ZERO.plusSeconds(20))).isEqualTo(49);
  }
}
