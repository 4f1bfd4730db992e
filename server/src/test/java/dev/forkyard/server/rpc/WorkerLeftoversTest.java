package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.PoolClient;
import dev.forkyard.server.testing.SharedDaemon;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.server.testing.WorkerProcess;
import dev.forkyard.v1.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Processes that workers of pools have started and leave behind. */
class WorkerLeftoversTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static PoolClient pools;

  private Path directory;

  @BeforeAll
  static void start() {
    pools = new PoolClient(DAEMON.channel());
  }

  @BeforeEach
  void useDirectory(@TempDir Path folder) {
    directory = folder;
  }

  /** What the worker of a new pool has started. */
  private ProcessHandle child(String worker) throws IOException {
    Path pid = directory.resolve("pid");
    String saysPid = "echo $! >" + pid + ".new; mv " + pid + ".new " + pid;
    pools.create("p", 1, "sh", "-c", worker.replace("SAY", saysPid));
    await().atMost(TestDaemon.PATIENCE).until(() -> Files.exists(pid));
    return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
  }

  private static void assertEnds(ProcessHandle left) {
    await().atMost(TestDaemon.PATIENCE).until(() -> !left.isAlive());
  }

  @Test
  void processOfAKilledWorkerIsEnded() throws Exception {
    ProcessHandle left = child("sleep 1000 & SAY; wait");
    WorkerInfo worker = pools.awaitWorker("p");
    WorkerProcess.kill(worker.getPid());
    assertEnds(left);
    pools.end("p");
  }

  @Test
  void processThatIgnoresTermIsKilled() throws Exception {
    ProcessHandle left = child("trap '' TERM; sleep 1000 & SAY; wait");
    WorkerProcess.kill(pools.awaitWorker("p").getPid());
    assertEnds(left);
    pools.end("p");
  }

  @Test
  void processOfAWorkerThatExitsIsEnded() throws Exception {
    ProcessHandle left = child("sleep 1000 & SAY; exit 0");
    assertEnds(left);
    pools.end("p");
  }

  @Test
  void processOfAStoppedWorkerIsEnded() throws Exception {
    ProcessHandle left = child("trap 'exit 0' TERM; (trap '' TERM; exec sleep 1000) & SAY; wait");
    assertThat(left.isAlive()).isTrue();
    pools.end("p");
    assertEnds(left);
  }
}
