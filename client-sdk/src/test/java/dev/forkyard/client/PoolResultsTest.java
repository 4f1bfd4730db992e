package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolResultsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private PoolYard prompt;

  @BeforeEach
  void connect() throws IOException {
    prompt = new PoolYard(1);
  }

  @AfterEach
  void disconnect() throws Exception {
    prompt.close();
  }

  static int length(String text) {
    return text.length();
  }

  static int square(Object number) {
    return number.hashCode();
  }

  private static Iterable<Integer> inputs(int count, List<Integer> read) {
    return () -> IntStream.range(0, count).boxed().peek(read::add).iterator();
  }

  /** Numbers, then an exception. */
  private static Iterable<Integer> failingAfter(int count) {
    return () ->
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Integer next() {
            if (next == count) {
              throw new IllegalStateException("the disk is gone");
            }
            return next++;
          }
        };
  }

  @Test
  void inputsAreReadOnlySoFarAheadThatTheWorkersStayBusy() {
    List<Integer> read = new ArrayList<>();
    try (ProcessPool pool = prompt.pool();
        PoolResults<Integer> results =
            pool.imap(ProcessPoolTest::square, inputs(1_000_000, read))) {
      assertThat(results.next()).isZero();
      assertThat(results.next()).isEqualTo(1);
      assertThat(read).hasSizeLessThan(12);
    }
  }

  @Test
  void unconsumedResultsAreBoundedToo() throws Exception {
    List<Integer> read = new ArrayList<>();
    try (ProcessPool pool = prompt.pool();
        PoolResults<Integer> results =
            pool.imapUnordered(ProcessPoolTest::square, inputs(1_000_000, read), 10)) {
      for (int i = 0; i < 100; i++) {
        assertThat(results.next(LONG)).isNotNegative();
      }
      assertThat(read.size()).isLessThanOrEqualTo(100 + 10 * 9);
    }
  }

  @Test
  void unorderedResultsComeAsTheyAreKnown() throws Exception {
    try (PoolYard reversing = new PoolYard(8);
        ProcessPool pool = reversing.pool();
        PoolResults<Integer> results =
            pool.imapUnordered(ProcessPoolTest::square, inputs(8, new ArrayList<>()))) {
      // The answer to the last input may come before its caller has gone on from sending it.
      List<Integer> known = new ArrayList<>();
      results.forEach(known::add);
      assertThat(known)
          .containsSubsequence(36, 25, 16, 9, 4, 1, 0)
          .containsExactlyInAnyOrder(49, 36, 25, 16, 9, 4, 1, 0);
    }
  }

  @Test
  void iterationGoesOnAfterAFailureInTheSameChunk() {
    try (ProcessPool pool = prompt.pool()) {
      PoolResults<Integer> squares = pool.imap(ProcessPoolTest::square, List.of(2, -1, 3), 3);
      assertThat(squares.next()).isEqualTo(4);
      assertThatThrownBy(squares::next).isInstanceOf(TaskFailedException.class);
      assertThat(squares.next()).isEqualTo(9);
      assertThat(squares.hasNext()).isFalse();
      assertThatThrownBy(squares::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void resultThatCannotBeDecodedCostsNoOtherOne() {
    try (ProcessPool pool = prompt.pool()) {
      PoolResults<Integer> squares =
          pool.imap(ProcessPoolTest::square, List.of(2, FakePool.UNLUCKY, 3), 3);
      assertThat(squares.next()).isEqualTo(4);
      assertThatThrownBy(squares::next)
          .isInstanceOfSatisfying(
              ForkyardException.class,
              failure -> assertThat(failure.reason()).isEqualTo("NOT_CONVERTIBLE"));
      assertThat(squares.next()).isEqualTo(9);
    }
  }

  @Test
  void inputThatCannotBeEncodedIsAFailingItem() {
    List<Object> inputs = List.of(1, 2, Thread.currentThread(), 4);
    try (ProcessPool pool = prompt.pool()) {
      PoolResults<Integer> squares = pool.imap(PoolResultsTest::square, inputs, 4);
      assertThat(squares.next()).isEqualTo(1);
      assertThat(squares.next()).isEqualTo(4);
      assertThatThrownBy(squares::next)
          .isInstanceOfSatisfying(
              ForkyardException.class,
              failure -> assertThat(failure.reason()).isEqualTo("NOT_CONVERTIBLE"));
      assertThat(squares.next()).isEqualTo(16);
      assertThat(squares.hasNext()).isFalse();
    }
  }

  @Test
  void inputIteratorThatThrowsIsAnErrorAfterTheGoodOnes() {
    try (ProcessPool pool = prompt.pool()) {
      PoolResults<Integer> squares = pool.imap(ProcessPoolTest::square, failingAfter(5), 2);
      for (int i = 0; i < 5; i++) {
        assertThat(squares.next()).isEqualTo(i * i);
      }
      assertThat(squares.hasNext()).isTrue();
      assertThatThrownBy(squares::next).hasMessage("the disk is gone");
      assertThat(squares.hasNext()).isFalse();
    }
  }

  @Test
  void timeoutLosesNoItem() throws Exception {
    try (PoolYard late = new PoolYard(2);
        ProcessPool pool = late.pool()) {
      PoolResults<Integer> squares = pool.imap(ProcessPoolTest::square, List.of(7));
      assertThatThrownBy(() -> squares.next(Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class);
      assertThatThrownBy(() -> squares.next(Duration.ZERO)).isInstanceOf(TimeoutException.class);
      late.fake.answerAt(1);
      PoolFuture<Integer> another = pool.applyAsync(ProcessPoolTest::square, 1);
      assertThat(another.get(LONG)).isEqualTo(1);
      late.fake.answerAll();
      assertThat(squares.next(LONG)).isEqualTo(49);
    }
  }

  @Test
  void brokenConnectionIsThrownOnceAndEndsTheIteration() {
    prompt.fake.breaksOff = true;
    ProcessPool pool = prompt.pool();
    PoolResults<Integer> squares = pool.imap(ProcessPoolTest::square, List.of(1, 2, 3));
    assertThatThrownBy(squares::next)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            failure -> assertThat(failure.reason()).isEqualTo("CONNECTION_LOST"));
    assertThat(squares.hasNext()).isFalse();
    pool.terminate();
  }

  @Test
  void interruptLosesNoItem() throws Exception {
    try (PoolYard late = new PoolYard(2);
        ProcessPool pool = late.pool()) {
      PoolResults<Integer> squares = pool.imap(ProcessPoolTest::square, List.of(7));
      Thread.currentThread().interrupt();
      assertThatThrownBy(squares::next)
          .isInstanceOfSatisfying(
              ForkyardException.class,
              failure -> assertThat(failure.reason()).isEqualTo("INTERRUPTED"));
      assertThat(Thread.interrupted()).isTrue();
      late.fake.awaitChunks(1);
      late.fake.answerAll();
      assertThat(squares.next(LONG)).isEqualTo(49);
    }
  }

  @Test
  void shutDownPoolGivesWhatWasSentAndThenRefuses() {
    ProcessPool pool = prompt.pool();
    PoolResults<Integer> squares =
        pool.imap(ProcessPoolTest::square, inputs(1_000, new ArrayList<>()));
    assertThat(squares.next()).isZero();
    pool.shutdown();
    int given = 1;
    while (true) {
      try {
        assertThat(squares.next()).isEqualTo(given * given);
        given++;
      } catch (ForkyardException refused) {
        assertThat(refused.reason()).isEqualTo("POOL_CLOSED");
        break;
      }
    }
    assertThat(given).isLessThan(20);
    assertThat(squares.hasNext()).isFalse();
  }

  @Test
  void chunkSizeBelowOneIsRefused() {
    try (ProcessPool pool = prompt.pool()) {
      assertThatThrownBy(() -> pool.imap(ProcessPoolTest::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pool.imapUnordered(ProcessPoolTest::square, List.of(1), -1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
