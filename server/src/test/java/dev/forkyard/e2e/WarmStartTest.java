package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.ExitStatus;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.internal.LocalDefaults;
import dev.forkyard.server.testing.Jdks;
import dev.forkyard.server.testing.ProcessClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.Function;
import dev.forkyard.v1.FunctionSpec;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.ListProcessesRequest;
import dev.forkyard.v1.Payload;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.WorkerSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Function processes that take a worker which was started ahead, and archives of classes. */
class WarmStartTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private TestDaemon daemon;
  private Forkyard yard;

  @BeforeEach
  void start() throws IOException {
    daemon = TestDaemon.start();
    yard = Forkyard.connect("unix:" + daemon.socket());
  }

  @AfterEach
  void stop() throws IOException {
    yard.close();
    if (daemon.process().isAlive()) {
      daemon.close();
    }
  }

  /** Pids of what is a function process by its environment, but in no list. */
  private Set<Long> spares() {
    Set<Long> listed =
        new ProcessClient(daemon.channel())
                .stub()
                .listProcesses(ListProcessesRequest.getDefaultInstance())
                .getProcessesList()
                .stream()
                .map(process -> (long) process.getPid())
                .collect(Collectors.toSet());
    return TestDaemon.started(daemon.directory()).stream()
        .filter(pid -> !listed.contains(pid) && isFunctionProcess(pid))
        .collect(Collectors.toSet());
  }

  private static boolean isFunctionProcess(long pid) {
    try {
      return Files.readString(
              Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1)
          .contains("FORKYARD_WORKER_MODE=process");
    } catch (IOException gone) {
      return false;
    }
  }

  private Set<Long> awaitSpares() throws Exception {
    for (int i = 0; i < 2; i++) {
      yard.processes().start(Tasks::square, i).result();
    }
    await().atMost(TestDaemon.PATIENCE).until(() -> !spares().isEmpty());
    return spares();
  }

  @Test
  void twentyFunctionProcessesInARowAreProcessesOfTheirOwn() throws Exception {
    Set<String> ids = new HashSet<>();
    Set<String> sessions = new HashSet<>();
    Set<Long> pids = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      FunctionProcess<WarmTasks.Seen> process = yard.processes().start(WarmTasks::look, i);
      WarmTasks.Seen seen = process.result(LONG);
      ExitStatus exit = process.join(LONG);
      assertThat(exit.success()).isTrue();
      assertThat(seen.number()).isEqualTo(i);
      assertThat(seen.pid()).isEqualTo(process.pid());
      assertThat(seen.connected()).isEqualTo(seen.session());
      assertThat(process.stdout().readAll()).isEqualTo("out " + i + "\n");
      assertThat(process.stderr().readAll()).isEqualTo("err " + i + "\n");
      ids.add(process.id());
      sessions.add(seen.session());
      pids.add(seen.pid());
    }
    assertThat(ids).hasSize(20);
    assertThat(sessions).hasSize(20);
    assertThat(pids).hasSize(20);
  }

  @Test
  void functionProcessTakesAWorkerThatWaits() throws Exception {
    Set<Long> seen = new HashSet<>(awaitSpares());
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> {
              seen.addAll(spares());
              return seen.contains(yard.processes().start(Tasks::pid).result());
            });
  }

  @Test
  void whatAFunctionHeldInAWorkerThatWaitedIsFreeAtItsEnd() throws Exception {
    RemoteQueue<String> queue = yard.queues().create(String.class, QueueOptions.capacity(5));
    queue.put("item");
    Set<Long> seen = new HashSet<>(awaitSpares());
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> {
              seen.addAll(spares());
              FunctionProcess<Long> process = yard.processes().start(WarmTasks::hold, queue);
              process.join(LONG);
              assertThat(queue.size()).isEqualTo(1);
              return seen.contains(process.result());
            });
  }

  @Test
  void killedWorkerThatWaitsCostsNothing() throws Exception {
    for (int round = 0; round < 5; round++) {
      Set<Long> waiting = awaitSpares();
      waiting.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      assertThat(yard.processes().start(Tasks::add, round, 1).result()).isEqualTo(round + 1);
    }
  }

  @Test
  void workersThatWaitDieWithTheDaemon() throws Exception {
    awaitSpares();
    yard.close();
    daemon.kill();
    TestDaemon.awaitNothingLeft(daemon.directory());
    TestDaemon.delete(daemon.directory());
  }

  @Test
  void noWorkerWaitsWhereTheOptionSaysNone() throws Exception {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options =
        Stream.concat(TestDaemon.standardOptions(directory).stream(), Stream.of("--spares", "0"))
            .toList();
    try (TestDaemon without = TestDaemon.start(directory, TestDaemon.launch(directory, options));
        Forkyard other = Forkyard.connect("unix:" + without.socket())) {
      for (int i = 0; i < 5; i++) {
        other.processes().start(Tasks::square, i).result();
      }
      await().atMost(TestDaemon.PATIENCE).until(() -> !archives(directory).isEmpty());
      assertThat(TestDaemon.started(directory)).isEmpty();
    }
  }

  private static List<Path> archives(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("state/archives"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  static Stream<Path> homes() {
    return Jdks.homes();
  }

  @ParameterizedTest
  @MethodSource("homes")
  void laterWorkersUseAnArchiveAndPrintNothing(Path javaHome) throws Exception {
    assertThat(mapsArchive(javaHome)).isEqualTo("false");
    await().atMost(TestDaemon.PATIENCE).until(() -> !archives(daemon.directory()).isEmpty());
    assertThat(mapsArchive(javaHome)).isEqualTo("true");
  }

  @ParameterizedTest
  @MethodSource("homes")
  void spoiledArchiveChangesNothing(Path javaHome) throws Exception {
    mapsArchive(javaHome);
    await().atMost(TestDaemon.PATIENCE).until(() -> !archives(daemon.directory()).isEmpty());
    Path archive = archives(daemon.directory()).get(0);
    Files.write(archive, new byte[(int) Files.size(archive)]);
    assertThat(mapsArchive(javaHome)).isIn("true", "false");
    Files.write(archive, new byte[10]);
    assertThat(mapsArchive(javaHome)).isEqualTo("false");
  }

  /** The result of a function process of its own class path, which printed nothing. */
  private String mapsArchive(Path javaHome) throws InterruptedException {
    WorkerSpec local = LocalDefaults.worker(List.of(), Map.of());
    JavaRuntime java = local.getJava().toBuilder().setJavaHome(javaHome.toString()).build();
    ProcessClient processes = new ProcessClient(daemon.channel());
    ProcessInfo started =
        processes.start(
            StartProcessRequest.newBuilder()
                .setFunction(
                    FunctionSpec.newBuilder()
                        .setFunction(
                            Function.newBuilder().setName("dev.forkyard.e2e.WarmTasks::maps"))
                        .setArguments(Payload.newBuilder().setJson("[\"/state/archives/\"]"))
                        .setWorker(local.toBuilder().setJava(java))));
    ProcessInfo ended = processes.ended(started.getProcessId());
    assertThat(processes.text(started.getProcessId())).isEmpty();
    assertThat(ended.getStderr().getEndCursor()).isZero();
    return processes
        .stub()
        .getProcess(GetProcessRequest.newBuilder().setProcessId(started.getProcessId()).build())
        .getOutcome()
        .getResult()
        .getJson();
  }
}
