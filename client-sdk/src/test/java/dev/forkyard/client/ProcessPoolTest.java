package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.forkyard.client.internal.TaskStream;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.PoolInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessPoolTest {
  private final FakePool fake = new FakePool(8);
  private final FakePool prompt = new FakePool(1);
  private FakeDaemon daemon;
  private FakeDaemon promptDaemon;
  private Forkyard yard;
  private Forkyard promptYard;

  static int square(int number) {
    return number * number;
  }

  static int first(int number, String text) {
    return text.length() * number;
  }

  static int firstOfThree(int number, String text, char letter) {
    return text.indexOf(letter) * number;
  }

  static int firstOfFour(int number, String text, char letter, long other) {
    return text.indexOf(letter, (int) other) * number;
  }

  static void nothing(int number) {
    assertThat(number).isNotNegative();
  }

  static int length(String text) {
    return text.length();
  }

  static String name(Thread thread) {
    return thread.getName();
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
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, numbers(100)))
          .isEqualTo(numbers(100).stream().map(n -> n * n).toList());
    }
  }

  @Test
  void defaultChunksAreAQuarterOfEachWorkersShareRoundedUp() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, numbers(33))).hasSize(33);
    }
    assertThat(prompt.chunkSizes).containsExactly(5, 5, 5, 5, 5, 5, 3);
  }

  @Test
  void chunksThatDoNotFitIntoAMessageAreCut() throws Exception {
    List<Integer> many = numbers(1_000_000);
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, many, 1_000_000)).hasSize(1_000_000);
    }
    assertThat(prompt.chunkSizes).hasSizeGreaterThan(4);
    assertThat(prompt.chunkSizes.stream().mapToInt(size -> size).sum()).isEqualTo(1_000_000);
  }

  @Test
  void firstFailureInTheOrderOfTheItemsIsThrown() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
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
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(ProcessPoolTest::square, List.of())).isEmpty();
    }
    assertThat(prompt.chunkSizes).isEmpty();
  }

  @Test
  void hintForALambdaThatCapturesFitsTheMethodThatRefusesIt() {
    int captured = fake.chunkSizes.size();
    RemoteFunction1<Integer, Integer> one = n -> n + captured;
    RemoteFunction2<Integer, Integer, Integer> two = (n, m) -> n + m + captured;
    RemoteProcedure1<Integer> start = n -> nothing(n + captured);
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      assertHint(() -> pool.apply(one, 1), "applyAsync((a, b) -> ..., captured, b)");
      assertHint(() -> pool.applyAsync(one, 1), "applyAsync((a, b) -> ..., captured, b)");
      assertHint(() -> pool.map(one, List.of(1)), "Args.of(captured, item)");
      assertHint(() -> pool.imap(one, List.of(1)), "Args.of(captured, item)");
      assertHint(() -> pool.starmap(two, List.of(Args.of(1, 2))), "Args.of(captured, a, b)");
      assertHint(() -> yard.processes().start(one, 1), "start((a, b) -> ..., captured, b)");
      assertHint(
          () -> PoolOptions.defaults().initializer(start, 1), "initializer(a -> ..., captured)");
    }
  }

  private static void assertHint(ThrowingCallable call, String hint) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("captures a variable")
        .hasMessageContaining(hint);
  }

  @Test
  void chunkSizeBelowOneIsRefused() {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThatThrownBy(() -> pool.map(ProcessPoolTest::square, List.of(1), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void singleCallsGetTheirResults() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
      assertThat(later.get()).isEqualTo(49);
    }
  }

  @Test
  void futuresAreResolvedWhenTheStreamBreaksAndLaterCallsGetAnotherOne() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
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
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    yard.close();
    assertThatThrownBy(later::get).isInstanceOf(ForkyardException.class);
  }

  @Test
  void closedPoolTakesNoCalls() {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    pool.close();
    assertThatThrownBy(() -> pool.apply(ProcessPoolTest::square, 3))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("POOL_CLOSED"));
  }

  @Test
  void poolIsTerminatedByAnInterruptedThreadToo() {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    Thread.currentThread().interrupt();
    pool.terminate();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(fake.terminated).isTrue();
  }

  @Test
  void closeOfAnInterruptedThreadTerminatesThePoolAtOnce() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
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
    ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    assertThatThrownBy(() -> pool.join(Duration.ofSeconds(20)))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("JOIN_BEFORE_CLOSE"));
    pool.shutdown();
    assertThat(pool.join(Duration.ofSeconds(20))).isTrue();
    assertThat(later.get(Duration.ZERO.plusSeconds(20))).isEqualTo(49);
  }

  @Test
  void starmapGivesEachCallItsArguments() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.starmap(ProcessPoolTest::first, List.of(Args.of(2, "a"), Args.of(3, "b"))))
          .containsExactly(4, 9);
      assertThat(pool.starmap(ProcessPoolTest::firstOfThree, List.of(Args.of(4, "a", 'x')), 1))
          .containsExactly(16);
      assertThat(
              pool.starmapAsync(ProcessPoolTest::firstOfFour, List.of(Args.of(5, "a", 'x', 1L)))
                  .get())
          .containsExactly(25);
    }
    assertThat(prompt.arguments)
        .contains("[[2,\"a\"]]", "[[4,\"a\",\"x\"]]", "[[5,\"a\",\"x\",1]]");
  }

  @Test
  void proceduresAndFunctionsOfAnyNumberOfArgumentsAreCalled() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      pool.apply(ProcessPoolTest::nothing, 3);
      assertThat(pool.applyAsync(ProcessPoolTest::nothing, 3).get()).isNull();
      assertThat(pool.apply(ProcessPoolTest::firstOfFour, 6, "a", 'x', 1L)).isEqualTo(36);
    }
  }

  @Test
  void closeFinishesTheCallsThenClosesWaitsAndForgetsThePool() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
      assertThat(prompt.operations).isEmpty();
    }
    assertThat(prompt.operations).startsWith("close").endsWith("wait", "delete");
    assertThat(prompt.terminated).isFalse();
  }

  @Test
  void shutdownClosesThePoolOnlyWhenItsCallsAreDone() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    pool.shutdown();
    assertThat(pool.join(Duration.ZERO)).isFalse();
    assertThat(later.isDone()).isFalse();
    assertThat(fake.operations).isEmpty();
    fake.awaitChunks(1);
    fake.answerAll();
    assertThat(pool.join(Duration.ofSeconds(20))).isTrue();
    assertThat(fake.operations).startsWith("close");
  }

  @Test
  void resizedPoolGetsChunksForItsNewSize() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      pool.resize(1);
      assertThat(pool.map(ProcessPoolTest::square, numbers(8))).hasSize(8);
      assertThat(pool.stats().size()).isEqualTo(1);
      assertThatThrownBy(() -> pool.resize(0)).hasMessageContaining("at least 1 worker");
    }
    assertThat(prompt.chunkSizes).containsExactly(2, 2, 2, 2);
  }

  @Test
  void poolsAreFoundByTheirIdAndListedByTheirLabels() throws Exception {
    assertThat(promptYard.pools().get("pool").apply(ProcessPoolTest::square, 3)).isEqualTo(9);
    assertThat(promptYard.pools().list(Map.of("app", "shop")))
        .extracting(PoolStats::id)
        .containsExactly("pool", "pool");
    assertThat(prompt.operations).containsExactly("list {app=shop}", "list {app=shop}");
  }

  @Test
  void argumentThatNoMessageHoldsIsRefusedWithTheLimitAndAWayAndThePoolIsUsable() throws Exception {
    String large = "x".repeat(100 << 20);
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThatThrownBy(() -> pool.applyAsync(ProcessPoolTest::length, large))
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> {
                assertThat(refusal.reason()).isEqualTo("MESSAGE_TOO_LARGE");
                assertThat(refusal.metadata()).containsEntry("limit", "4128768");
              })
          .hasMessageContaining("pass its path");
      assertThatThrownBy(() -> pool.map(ProcessPoolTest::length, List.of("a", large), 2))
          .hasMessageContaining("pass its path");
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
    }
  }

  @Test
  void argumentThatCannotBeEncodedIsRefusedAtOnceAndThePoolIsUsable() throws Exception {
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThatThrownBy(() -> pool.applyAsync(ProcessPoolTest::name, Thread.currentThread()))
          .isInstanceOfSatisfying(
              ForkyardException.class,
              refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"));
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
    }
  }

  @Test
  void whoIsToldThatTheStreamBrokeGetsAnotherOne() throws Exception {
    Wire wire = Forkyard.openWire(promptDaemon.address());
    try {
      PoolStreams streams = new PoolStreams(wire, PoolInfo.newBuilder().setPoolId("pool").build());
      TaskStream broken = streams.single();
      CompletableFuture<TaskStream> next = new CompletableFuture<>();
      var unused =
          broken
              .send(Function.getDefaultInstance(), 1, Payload.getDefaultInstance())
              .done()
              .whenComplete((chunk, error) -> next.complete(streams.single()));
      broken.cancel();
      assertThat(next.get(20, TimeUnit.SECONDS)).isNotSameAs(broken);
    } finally {
      wire.close();
    }
  }

  @Test
  void poolIsTerminatedAndClosedWithoutAWordWhenItsDaemonIsGone() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    fake.awaitChunks(1);
    daemon.die();
    pool.terminate();
    assertThat(later.await(Duration.ofSeconds(20))).isTrue();
    assertThat(later.isSuccessful()).isFalse();
    assertConnectionLost(() -> pool.join(Duration.ofSeconds(20)));
    pool.close();
    pool.close();
  }

  @Test
  void closeOfAPoolWhoseDaemonIsGoneResolvesItsFutures() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2));
    PoolFuture<Integer> later = pool.applyAsync(ProcessPoolTest::square, 7);
    fake.awaitChunks(1);
    daemon.die();
    pool.close();
    assertThat(later.await(Duration.ofSeconds(20))).isTrue();
    assertThat(later.isSuccessful()).isFalse();
    assertConnectionLost(pool::join);
    assertConnectionLost(pool::stats);
  }

  private static void assertConnectionLost(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("CONNECTION_LOST"));
  }

  /** An argument whose getter does something bad. */
  record Bad(String deed) {
    public String text() {
      return switch (deed) {
        case "error" -> throw new LinkageError("a bad getter");
        case "exception" -> throw new IllegalStateException("a bad getter");
        default -> text();
      };
    }

    @JsonValue
    Object content() {
      return deed.startsWith("value") ? failing() : Map.of("text", text());
    }

    private Object failing() {
      if (deed.endsWith("error")) {
        throw new AssertionError("a bad getter");
      }
      throw new IllegalStateException("a bad getter");
    }
  }

  /** An argument that no generator knows and that fails when it is looked at. */
  static final class BadList extends AbstractList<Integer> {
    @Override
    public Integer get(int index) {
      throw new IllegalStateException("a bad getter");
    }

    @Override
    public int size() {
      return 1;
    }
  }

  static int bad(Bad bad) {
    return bad.deed.length();
  }

  static int badList(List<Integer> list) {
    return list.size();
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "exception", "recursion", "value error", "value exception"})
  void argumentWhoseOwnCodeFailsIsRefusedInWordsAndThePoolIsUsable(String deed) throws Exception {
    Bad bad = new Bad(deed);
    String word = deed.equals("recursion") ? "" : "a bad getter";
    try (ProcessPool pool = promptYard.pools().create(PoolOptions.defaults().workers(2))) {
      assertNotConvertible(() -> pool.apply(ProcessPoolTest::bad, bad), word);
      assertNotConvertible(() -> pool.applyAsync(ProcessPoolTest::bad, bad), word);
      assertNotConvertible(() -> pool.map(ProcessPoolTest::bad, List.of(bad)), word);
      assertNotConvertible(() -> pool.imap(ProcessPoolTest::bad, List.of(bad)).next(), word);
      assertNotConvertible(
          () -> pool.apply(ProcessPoolTest::badList, new BadList()), "a bad getter");
      assertThat(pool.apply(ProcessPoolTest::square, 3)).isEqualTo(9);
    }
  }

  private static void assertNotConvertible(ThrowingCallable call, String word) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"))
        .hasMessageContaining("cannot be written as JSON")
        .hasMessageContaining(word);
  }
}
