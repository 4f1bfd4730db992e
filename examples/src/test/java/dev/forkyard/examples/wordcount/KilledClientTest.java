package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.ProcessPool;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledClientTest {
  private static final int FILES = 60;

  /** A job that stands still in the middle and tells the pids of all that it has started. */
  static final class Client implements Steps {
    private final Forkyard yard;
    private final CountDownLatch collecting = new CountDownLatch(1);
    private volatile int collector;

    private Client(Forkyard yard) {
      this.yard = yard;
    }

    public static void main(String[] arguments) throws Exception {
      Forkyard yard = Forkyard.startLocal();
      new WordCount(yard, TextFiles.in(Path.of(arguments[0])), 2, new Client(yard)).run();
    }

    @Override
    public void resultPassedOn(int results, ProcessPool pool) throws InterruptedException {
      if (results < FILES / 2) {
        return;
      }
      collecting.await();
      StringBuilder told = new StringBuilder(yard.address());
      told.append(' ').append(yard.systemInfo().pid()).append(' ').append(collector);
      for (PoolStats.Worker worker : pool.stats().workers()) {
        told.append(' ').append(worker.pid());
      }
      System.out.println(told);
      Thread.currentThread().join();
    }

    @Override
    public void sumReceived(Totals totals, ManagedProcess process) {
      collector = process.pid();
      collecting.countDown();
    }
  }

  @Test
  void killedInTheMiddleItLeavesNoDaemonNoProcessAndNoSocket(@TempDir Path folder)
      throws Exception {
    Texts.write(folder, FILES);
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Client.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String[] told =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))
            .readLine()
            .split(" ", -1);
    List<ProcessHandle> started = new ArrayList<>();
    for (String pid : List.of(told).subList(1, told.length)) {
      started.add(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
    }
    assertThat(started).as("daemon, collector, two workers").hasSize(4);
    client.destroyForcibly().waitFor();
    for (ProcessHandle process : started) {
      process.onExit().get(60, TimeUnit.SECONDS);
    }
    Path socket = Path.of(told[0].substring("unix:".length()));
    Awaitility.await().untilAsserted(() -> assertThat(socket.getParent()).doesNotExist());
    assertThat(Files.exists(socket)).isFalse();
  }
}
