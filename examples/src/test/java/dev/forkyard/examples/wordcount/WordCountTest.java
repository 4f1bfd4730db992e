package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.PoolStats.WorkerState;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.RemoteQueue;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordCountTest {
  private static final int FILES = 120;
  private static final int WORKERS = 2;

  private static List<TextFile> files = List.of();
  private static Totals plain = new Totals();

  @BeforeAll
  static void write(@TempDir Path folder) throws Exception {
    Texts.write(folder, FILES);
    files = TextFiles.in(folder);
    plain = Counter.countHere(files);
    assertThat(plain.fileCount()).isEqualTo(FILES);
  }

  private static void assertRight(Totals totals) {
    assertThat(totals.fileCount()).isEqualTo(FILES);
    assertThat(totals.words()).isEqualTo(plain.words());
    assertThat(totals.counts()).isEqualTo(plain.counts());
  }

  @Test
  void totalsEqualAPlainCount() throws Exception {
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, new Steps() {})) {
      assertRight(job.run());
    }
  }

  /** Kills a worker that was stopped first, so that it cannot end the call that it runs. */
  private static final class WorkerKiller implements Steps {
    private boolean done;

    @Override
    public void resultPassedOn(int results, ProcessPool pool) {
      if (done || results < FILES / 4) {
        return;
      }
      for (PoolStats.Worker worker : pool.stats().workers()) {
        if (!done && worker.state() == WorkerState.BUSY) {
          signal(worker, "STOP");
          done = isBusy(pool, worker);
          signal(worker, done ? "KILL" : "CONT");
        }
      }
    }

    private static boolean isBusy(ProcessPool pool, PoolStats.Worker stopped) {
      return pool.stats().workers().stream()
          .anyMatch(now -> now.pid() == stopped.pid() && now.state() == WorkerState.BUSY);
    }

    private static void signal(PoolStats.Worker worker, String name) {
      try {
        new ProcessBuilder("kill", "-" + name, Integer.toString(worker.pid())).start().waitFor();
      } catch (java.io.IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void workerKilledInTheMiddleOfACallCostsNothing() throws Exception {
    WorkerKiller killer = new WorkerKiller();
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, killer)) {
      assertRight(job.run());
      assertThat(killer.done).isTrue();
      assertThat(job.pool().stats().workersLost()).isEqualTo(1);
    }
  }

  /** Kills each collector but the third after its first sum. */
  private static final class CollectorKiller implements Steps {
    private final Set<Integer> killed = new HashSet<>();
    private final Set<Integer> seen = new HashSet<>();

    @Override
    public void sumReceived(Totals totals, ManagedProcess collector) {
      if (seen.add(collector.pid()) && seen.size() < 3) {
        killed.add(collector.pid());
        collector.kill();
      }
    }
  }

  @Test
  void collectorKilledInTheMiddleIsReplacedAndTheTotalsAreRight() throws Exception {
    CollectorKiller killer = new CollectorKiller();
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, killer)) {
      assertRight(job.run());
      assertThat(killer.killed).hasSize(2);
      assertThat(killer.seen).hasSize(3);
    }
  }

  /** A collector that dies when its first sum is in the pipe and no result acknowledged. */
  static void dieBetweenSumAndAck(
      RemoteQueue<FileWords> results, PipeEnd<Sum> sums, Set<Integer> counted)
      throws InterruptedException {
    Collector.send(Collector.lease(results), sums, new HashSet<>(counted));
    Runtime.getRuntime().halt(9);
  }

  @Test
  void resultsWhoseSumWasSentButNotAcknowledgedAreCountedOnce() throws Exception {
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, new Steps() {})) {
      assertRight(job.run(WordCountTest::dieBetweenSumAndAck));
    }
  }

  /** A collector that dies with leased results of which it has told nobody. */
  static void dieBeforeSum(RemoteQueue<FileWords> results, PipeEnd<Sum> sums, Set<Integer> counted)
      throws InterruptedException {
    Object unused = Collector.lease(results);
    Runtime.getRuntime().halt(9);
  }

  @Test
  void resultsThatDiedWithTheirCollectorComeAgain() throws Exception {
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, new Steps() {})) {
      assertRight(job.run(WordCountTest::dieBeforeSum));
    }
  }
}
