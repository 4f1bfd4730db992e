package dev.forkyard.e2e;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.RemoteQueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Functions that tell of the process in which they run. */
public final class WarmTasks {
  private WarmTasks() {}

  /** What a function sees of its process. */
  record Seen(
      long pid, String session, String connected, String process, String parent, int number) {}

  static Seen look(int number) {
    System.out.println("out " + number);
    System.err.println("err " + number);
    try (Forkyard yard = Forkyard.connect()) {
      return new Seen(
          ProcessHandle.current().pid(),
          String.valueOf(System.getenv("FORKYARD_SESSION")),
          yard.sessionId(),
          yard.processes().current().map(ManagedProcess::id).orElse(""),
          yard.processes().parent().map(ManagedProcess::id).orElse(""),
          number);
    }
  }

  /** What a function sees that a function has started. */
  static Seen lookInChild(int number) throws InterruptedException {
    try (Forkyard yard = Forkyard.connect()) {
      return yard.processes().start(WarmTasks::look, number).result();
    }
  }

  static void sleep() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /** Leases an item, and keeps it. */
  static long hold(RemoteQueue<String> queue) throws InterruptedException {
    return queue.lease(Duration.ofSeconds(30)).isPresent() ? ProcessHandle.current().pid() : 0;
  }

  /** The file of a folder that this virtual machine has mapped; empty when there is none. */
  static String mapped(String folder) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains(folder))
        .map(line -> line.substring(line.indexOf('/')))
        .findFirst()
        .orElse("");
  }
}
