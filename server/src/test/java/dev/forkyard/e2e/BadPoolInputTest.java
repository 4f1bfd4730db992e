package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertFails;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.RemoteFunction1;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.client.TaskFailedException.Kind;
import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What makes no sense is refused in words that say what to do, and the pool can be used. */
@Timeout(120)
class BadPoolInputTest {
  private static TestDaemon daemon;
  private static Forkyard yard;
  private static ProcessPool pool;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    yard = Forkyard.connect("unix:" + daemon.socket());
    pool = yard.pools().create(PoolOptions.defaults().workers(1));
  }

  @AfterAll
  static void stop() throws IOException {
    pool.close();
    yard.close();
    daemon.close();
  }

  @AfterEach
  void poolIsUsable() throws Exception {
    assertThat(pool.apply(Tasks::square, 6)).isEqualTo(36);
  }

  private static void assertSenseless(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(words);
  }

  @Test
  void numberOfWorkers() {
    assertSenseless(() -> PoolOptions.defaults().workers(0), "at least 1 worker");
    assertSenseless(() -> pool.resize(0), "at least 1 worker");
    assertRefused(
        "TOO_MANY_WORKERS",
        () -> yard.pools().create(PoolOptions.defaults().workers(5_000)),
        "1000");
    assertRefused("TOO_MANY_WORKERS", () -> pool.resize(5_000), "1000");
    assertThat(pool.stats().size()).isEqualTo(1);
  }

  @Test
  void chunkSize() {
    List<Integer> one = List.of(1);
    assertSenseless(() -> pool.map(Tasks::square, one, 0), "at least 1 call");
    assertSenseless(() -> pool.mapAsync(Tasks::square, one, -1), "at least 1 call");
    assertSenseless(() -> pool.starmap(Tasks::add, List.of(), 0), "at least 1 call");
    assertSenseless(() -> pool.imap(Tasks::square, one, 0), "at least 1 call");
    assertSenseless(() -> pool.imapUnordered(Tasks::square, one, 0), "at least 1 call");
  }

  @Test
  void lambdaThatCaptures() {
    int captured = daemon.hashCode();
    RemoteFunction1<Integer, Integer> function = number -> number + captured;
    assertSenseless(() -> pool.apply(function, 1), "captures", "Pass it as an argument");
    assertSenseless(() -> pool.applyAsync(function, 1), "captures");
    assertSenseless(() -> pool.map(function, List.of(1)), "captures");
    assertSenseless(() -> pool.imap(function, List.of(1)), "captures");
  }

  @Test
  void lambdaWithGenericParameters() {
    RemoteFunction1<List<Integer>, Integer> function = numbers -> numbers.size();
    assertSenseless(() -> pool.apply(function, List.of(1)), "erased", "Write a static method");
    assertSenseless(() -> pool.map(function, List.of(List.of(1))), "Write a static method");
  }

  @Test
  void argumentThatCannotBeEncoded() {
    Thread thread = Thread.currentThread();
    assertRefused("NOT_CONVERTIBLE", () -> pool.apply(PoolTasks::name, thread), "Use records");
    assertRefused(
        "NOT_CONVERTIBLE", () -> pool.map(PoolTasks::name, List.of(thread)), "Use records");
  }

  @Test
  void resultThatCannotBeEncoded() {
    assertFails(Kind.ENCODE_ERROR, () -> pool.apply(PoolTasks::unencodable), "Use records");
  }

  @Test
  void argumentOf100Mebibytes() {
    String large = "x".repeat(100 << 20);
    assertRefused(
        "MESSAGE_TOO_LARGE",
        () -> pool.apply(PoolTasks::length, large),
        "4128768",
        "write them to a file and pass its path");
  }

  @Test
  void initializerThatThrows() {
    PoolOptions options =
        PoolOptions.defaults().workers(1).initializer(PoolTasks::failToInitialize, "boom");
    try (ProcessPool failing = yard.pools().create(options)) {
      assertFails(Kind.POOL_FAILED, () -> failing.apply(Tasks::square, 2), "initializer", "boom");
    }
  }

  @Test
  void initializerThatExits() {
    PoolOptions options = PoolOptions.defaults().workers(1).initializer(Tasks::halt, 3);
    try (ProcessPool failing = yard.pools().create(options)) {
      assertFails(Kind.POOL_FAILED, () -> failing.apply(Tasks::square, 2), "exit code 3");
    }
  }

  @Test
  void commandThatIsNoWorker() {
    PoolClient tasks = new PoolClient(daemon.channel());
    String id = tasks.create("none", 1, "sh", "-c", "echo I am no worker >&2; exit 3").getPoolId();
    try (ProcessPool none = yard.pools().get(id)) {
      assertThatThrownBy(() -> none.apply(Tasks::square, 2))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.POOL_FAILED);
                assertThat(failure.stderrTail()).contains("I am no worker");
              })
          .hasMessageContaining("exit code 3")
          .hasMessageEndingWith("standard error ends with:\n  I am no worker");
    }
  }
}
