package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.TaskFailedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What crosses to a worker and back, and what is refused on the way. */
@Timeout(120)
class CrossingTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;
  private static ProcessPool pool;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
    pool = yard.pools().create(PoolOptions.defaults().workers(1));
  }

  @AfterAll
  static void stop() {
    pool.close();
    yard.close();
  }

  @Test
  void valuesComeBackAsTheyWent() throws Exception {
    Order order =
        new Order(
            Long.MAX_VALUE,
            new BigInteger("123456789012345678901234567890"),
            new BigDecimal("0.10"),
            -0.0,
            "ä\u0000\uD83D\uDE00",
            null,
            Optional.of("x"),
            Instant.ofEpochSecond(1, 2),
            LocalDate.of(2024, 2, 29),
            Duration.ofNanos(3),
            TimeUnit.DAYS,
            Map.of("a", Map.of(1, List.of(new Item("i", Arrays.asList(1, null)))), "b", Map.of()));
    assertThat(pool.apply(CrossingTest::same, order)).isEqualTo(order);
    assertThat(pool.apply(CrossingTest::bytes, new byte[] {0, -1, 7}))
        .isEqualTo(new byte[] {0, -1, 7});
    assertThat(pool.apply(CrossingTest::nothing).isEmpty()).isTrue();
    assertThat(pool.apply(CrossingTest::count, Arrays.asList(new Item("a", List.of()), null)))
        .isEqualTo(1);
  }

  @Test
  void handlesCrossAtAnyDepthAndComeBackAsTheSameThing() throws Exception {
    RemoteQueue<String> queue = yard.queues().create(String.class);
    var pipe = yard.pipes().create(String.class);
    List<List<RemoteQueue<String>>> back =
        pool.apply(CrossingTest::putInto, List.of(List.of(queue)), pipe.right());
    assertThat(queue.get()).isEqualTo("from the worker");
    assertThat(pipe.left().receive(LONG)).hasValue("sent");
    back.get(0).get(0).put("here");
    assertThat(queue.get()).isEqualTo("here");
  }

  @Test
  void numbersThatJsonLacksAreRefusedWhereTheyAreMade() throws Exception {
    for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertNotConvertible("JSON has no number for", () -> pool.apply(CrossingTest::half, number));
    }
    assertFailed(
        TaskFailedException.Kind.ENCODE_ERROR,
        "JSON has no number for",
        () -> pool.apply(CrossingTest::divide, 0.0));
    assertThat(pool.apply(CrossingTest::half, 3.0)).isEqualTo(1.5);
  }

  @Test
  void whatNoCodecTakesIsRefusedWhereItIsMade() throws Exception {
    assertNotConvertible(
        "cannot be written as JSON", () -> pool.apply(CrossingTest::any, new Object()));
    assertFailed(
        TaskFailedException.Kind.ENCODE_ERROR,
        "cannot be written as JSON",
        () -> pool.apply(CrossingTest::unencodable));
    assertThat(pool.apply(CrossingTest::half, 3.0)).isEqualTo(1.5);
  }

  @Test
  void resultThatIsTooLargeFailsAloneWithTheLimitNamed() throws Exception {
    assertThat(pool.apply(CrossingTest::text, 15_000_000)).hasSize(15_000_000);
    for (int size : new int[] {16_000_000, 100_000_000}) {
      assertFailed(
          TaskFailedException.Kind.ENCODE_ERROR,
          "more than 15728640 bytes as JSON. Write it to a file",
          () -> pool.apply(CrossingTest::text, size));
      assertFailed(
          TaskFailedException.Kind.ENCODE_ERROR,
          "more than 15728640 bytes",
          () -> yard.processes().start(CrossingTest::text, size).result(LONG));
    }
    assertThat(yard.processes().start(CrossingTest::text, 15_000_000).result(LONG))
        .hasSize(15_000_000);
    assertThat(pool.map(CrossingTest::text, List.of(5_000_000, 5_000_000, 5_000_000, 5_000_000)))
        .allSatisfy(text -> assertThat(text).hasSize(5_000_000));
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void assertNotConvertible(String message, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"))
        .hasMessageContaining(message);
  }

  private static void assertFailed(TaskFailedException.Kind kind, String message, Call call) {
    assertThat(catchThrowable(call::run))
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(kind);
              assertThat(failure.remoteMessage()).contains(message);
            });
  }

  record Item(String name, List<@Nullable Integer> numbers) {}

  record Order(
      long id,
      BigInteger total,
      BigDecimal price,
      double zero,
      String text,
      @Nullable String none,
      Optional<String> some,
      Instant instant,
      LocalDate date,
      Duration duration,
      TimeUnit unit,
      Map<String, Map<Integer, List<Item>>> nested) {}

  // run in workers

  static Order same(Order order) {
    return order;
  }

  static byte[] bytes(byte[] bytes) {
    return bytes;
  }

  static Optional<Item> nothing() {
    return Optional.empty();
  }

  static int count(List<@Nullable Item> items) {
    return (int) items.stream().filter(item -> item != null).count();
  }

  static double half(double number) {
    return number / 2;
  }

  static double divide(double by) {
    return 1 / by;
  }

  static boolean any(Object value) {
    return value != null;
  }

  static Object unencodable() {
    return new Object();
  }

  static String text(int size) {
    return "x".repeat(size);
  }

  static List<List<RemoteQueue<String>>> putInto(
      List<List<RemoteQueue<String>>> queues, PipeEnd<String> end) throws Exception {
    queues.get(0).get(0).put("from the worker");
    end.send("sent");
    return queues;
  }
}
