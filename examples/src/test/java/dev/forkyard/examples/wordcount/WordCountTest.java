package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.RemoteQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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

  /**
   * Kills the worker that counts one file, in the middle of it: until then the file is a named pipe
   * that ends for nobody.
   */
  private static final class WorkerKiller implements Steps {
    private static final int MORE_THAN_A_PIPE_HOLDS = 2 << 20;

    private final Path file;
    private final Path copy;

    WorkerKiller(TextFile file) throws IOException, InterruptedException {
      this.file = Path.of(file.path());
      this.copy = this.file.resolveSibling("copy");
      Files.move(this.file, copy);
      run("mkfifo", file.path());
    }

    @Override
    public void resultPassedOn(int results, ProcessPool pool) throws InterruptedException {
      if (results != 1) {
        return;
      }
      try (FileChannel pipe = FileChannel.open(file, StandardOpenOption.WRITE)) {
        int writtenOnlyIfRead = pipe.write(ByteBuffer.allocate(MORE_THAN_A_PIPE_HOLDS));
        assertThat(writtenOnlyIfRead).isEqualTo(MORE_THAN_A_PIPE_HOLDS);
        PoolStats.Worker reader =
            pool.stats().workers().stream().filter(this::reads).findFirst().orElseThrow();
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        run("kill", "-KILL", Integer.toString(reader.pid()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean reads(PoolStats.Worker worker) {
      try (Stream<Path> open = Files.list(Path.of("/proc/" + worker.pid() + "/fd"))) {
        return open.anyMatch(this::isFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean isFile(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).equals(file);
      } catch (IOException e) {
        return false;
      }
    }

    private static void run(String... command) throws IOException, InterruptedException {
      assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }
  }

  @Test
  void workerKilledInTheMiddleOfACallCostsNothing() throws Exception {
    WorkerKiller killer = new WorkerKiller(files.get(FILES / 20));
    try (Forkyard yard = Forkyard.startLocal();
        WordCount job = new WordCount(yard, files, WORKERS, killer)) {
      assertRight(job.run());
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
