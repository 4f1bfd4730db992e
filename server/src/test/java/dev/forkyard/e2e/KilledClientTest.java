package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Another process uses a pool of a daemon that is shared, and is killed in the middle of it. */
@Timeout(120)
class KilledClientTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int CALLS = 200;
  private static TestDaemon daemon;
  private static Forkyard yard;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    yard = Forkyard.connect(address());
  }

  @AfterAll
  static void stop() throws IOException {
    yard.close();
    daemon.close();
  }

  private static String address() {
    return "unix:" + daemon.socket();
  }

  /** The client: its arguments are an address, a pool, and a folder for its calls. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws InterruptedException {
      try (Forkyard yard = Forkyard.connect(args[0])) {
        ProcessPool pool = yard.pools().get(args[1]);
        List<String> folders =
            IntStream.range(0, CALLS).mapToObj(index -> args[2] + "/" + index).toList();
        System.out.println(pool.map(KilledClientTest::beginAndWait, folders, 1));
      }
    }
  }

  /** Run in workers: makes its folder, and waits for something that never comes. */
  static int beginAndWait(String folder) throws Exception {
    Files.createDirectory(Path.of(folder));
    return PoolTasks.waitFor(folder + "/never");
  }

  private static Process startClient(String pool, Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Client.class.getName(),
            address(),
            pool,
            folder.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  private static long begun(Path folder) throws IOException {
    try (Stream<Path> begun = Files.list(folder)) {
      return begun.filter(Files::isDirectory).count();
    }
  }

  private static List<Integer> pids(ProcessPool pool) {
    return pool.stats().workers().stream().map(PoolStats.Worker::pid).toList();
  }

  @Test
  void callsOfAKilledClientAreCancelledAndItsWorkersWorkForOthers(@TempDir Path folder)
      throws Exception {
    try (ProcessPool pool =
        yard.pools().create(PoolOptions.defaults().workers(2).cancelGrace(LONG))) {
      Process client = startClient(pool.id(), folder);
      await().atMost(LONG).until(() -> begun(folder) == 2 && pool.stats().queued() == CALLS - 2);
      List<Integer> workers = pids(pool);
      client.destroyForcibly(); // kill -9

      assertThat(pool.applyAsync(Tasks::square, 5).get(LONG)).isEqualTo(25);
      await().atMost(LONG).until(() -> pool.stats().failed() == CALLS);
      PoolStats after = pool.stats();
      assertThat(after.queued() + after.assigned()).isZero();
      assertThat(after.done()).isEqualTo(1);
      assertThat(begun(folder)).as("calls that were run").isEqualTo(2);
      assertThat(pids(pool)).isEqualTo(workers);
      assertThat(client.waitFor()).isEqualTo(128 + 9);
    }
  }
}
