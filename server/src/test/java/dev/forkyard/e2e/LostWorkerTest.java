package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the death of a worker costs, and that of the daemon. */
@Timeout(120)
class LostWorkerTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void workerKilledBetweenTwoCallsCostsNothing() throws Exception {
    try (Forkyard yard = Forkyard.startLocal();
        ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      for (int i = 0; i < 3; i++) {
        ManagedProcess worker = yard.processes().get(workerOf(pool));
        assertThat(pool.apply(Tasks::pid)).isEqualTo(worker.pid());
        worker.kill();
        PoolFuture<Integer> next = pool.applyAsync(Tasks::square, i);
        assertThat(next.get(LONG)).isEqualTo(i * i);
      }
      assertThat(pool.stats().failed()).isZero();
    }
  }

  private static String workerOf(ProcessPool pool) {
    await().atMost(LONG).until(() -> pool.stats().workers().size() == 1);
    return pool.stats().workers().get(0).processId();
  }

  @Test
  void callThatKillsThreeWorkersFailsAndItsNeighboursSucceed(@TempDir Path folder)
      throws Exception {
    Path deaths = Files.createFile(folder.resolve("deaths"));
    try (Forkyard yard = Forkyard.startLocal();
        ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2).retryLost(2))) {
      List<PoolFuture<Integer>> neighbours = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        neighbours.add(pool.applyAsync(Tasks::square, i));
      }
      PoolFuture<Integer> poison = pool.applyAsync(LostWorkerTest::die, deaths.toString());
      for (int i = 20; i < 40; i++) {
        neighbours.add(pool.applyAsync(Tasks::square, i));
      }

      assertThatThrownBy(() -> poison.get(LONG))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.WORKER_LOST);
                assertThat(failure.attempts()).isEqualTo(3);
                assertThat(failure)
                    .hasMessage(
                        "The worker "
                            + failure.workerProcessId()
                            + " died while it ran the call: exit code 9. It was tried 3 times, and"
                            + " its worker died each time: it is a poison task.\n"
                            + "Its standard error ends with:\n  dying");
                assertThat(failure.stderrTail()).contains("dying");
              });
      for (int i = 0; i < neighbours.size(); i++) {
        assertThat(neighbours.get(i).get(LONG)).isEqualTo(i * i);
      }
      assertThat(Files.readString(deaths)).isEqualTo("xxx");
    }
  }

  @Test
  void workersInACallGoWithADaemonThatIsKilled(@TempDir Path folder) throws Exception {
    TestDaemon daemon = TestDaemon.start();
    Path busy = folder.resolve("busy");
    Forkyard yard = Forkyard.connect("unix:" + daemon.socket());
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1));
    PoolFuture<Integer> call = pool.applyAsync(LostWorkerTest::beBusy, busy.toString());
    yard.processes().start(LostWorkerTest::beBusy, busy + "2");
    await().atMost(LONG).until(() -> Files.exists(busy) && Files.exists(Path.of(busy + "2")));

    daemon.kill();

    assertThatThrownBy(() -> call.get(LONG)).isInstanceOf(RuntimeException.class);
    TestDaemon.awaitNothingLeft(daemon.directory());
    yard.close();
    TestDaemon.delete(daemon.directory());
  }

  // run in workers

  static int die(String deaths) throws IOException {
    Files.writeString(Path.of(deaths), "x", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    System.err.println("dying");
    Runtime.getRuntime().halt(9);
    return 0;
  }

  /** Ignores interrupts and never waits. */
  @SuppressWarnings("InfiniteLoopStatement")
  static int beBusy(String mark) throws IOException {
    Files.createFile(Path.of(mark));
    for (int i = 0; ; i++) {
      if (i < 0) {
        i = 0;
      }
    }
  }
}
