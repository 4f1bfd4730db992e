package dev.forkyard.e2e;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.ExitCause;
import dev.forkyard.client.ExitStatus;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.FunctionOptions;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.ManagedProcess;
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
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Function processes that take a worker which was started ahead, and archives of classes. */
class WarmStartTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int IN_A_ROW = 6;

  private static TestDaemon daemon;
  private static int starts;
  private static Forkyard yard;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    yard = Forkyard.connect("unix:" + daemon.socket());
  }

  @AfterAll
  static void stop() throws IOException {
    yard.close();
    daemon.close();
  }

  /** Pids of what is a function process by its environment, but in no list. */
  private static Set<Long> spares() {
    return spares(daemon);
  }

  private static Set<Long> spares(TestDaemon daemon) {
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

  private static Set<Long> awaitSpares(TestDaemon of, Forkyard user) throws Exception {
    for (int i = 0; i < 2; i++) {
      user.processes().start(Tasks::square, i).result();
    }
    await().atMost(TestDaemon.PATIENCE).until(() -> !spares(of).isEmpty());
    return spares(of);
  }

  /** Starts processes until one has taken a worker that waited; ends the others. */
  private static <T> FunctionProcess<T> fromSpare(Callable<FunctionProcess<T>> start) {
    Set<Long> seen = new HashSet<>();
    return await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> {
              seen.addAll(spares());
              FunctionProcess<T> process = start.call();
              if (!seen.contains((long) process.pid())) {
                process.kill();
                process.join(LONG);
              }
              return process;
            },
            process -> seen.contains((long) process.pid()));
  }

  @Test
  void functionProcessesInARowAreProcessesOfTheirOwn() throws Exception {
    Set<String> ids = new HashSet<>();
    Set<String> sessions = new HashSet<>();
    Set<Long> pids = new HashSet<>();
    for (int i = 0; i < IN_A_ROW; i++) {
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
    assertThat(ids).hasSize(IN_A_ROW);
    assertThat(sessions).hasSize(IN_A_ROW);
    assertThat(pids).hasSize(IN_A_ROW);
  }

  @Test
  void functionProcessTakesAWorkerThatWaits() throws Exception {
    FunctionProcess<Long> process = fromSpare(() -> yard.processes().start(Tasks::pid));
    assertThat(process.result()).isEqualTo((long) process.pid());
  }

  @Test
  void optionsOfAProcessHoldInAWorkerThatWaited() throws Exception {
    FunctionOptions options =
        FunctionOptions.defaults().label("who", "kel").runTimeout(Duration.ofMillis(500));
    FunctionProcess<?> process =
        fromSpare(() -> yard.processes().with(options).start(WarmTasks::sleep));
    assertThat(process.info().labels()).containsEntry("who", "kel");
    assertThat(process.join(LONG).cause()).isEqualTo(ExitCause.TIMEOUT);
  }

  @Test
  void functionInAWorkerThatWaitedKnowsItsProcessAndItsParent() throws Exception {
    Set<Long> seen = new HashSet<>();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(
            () -> {
              seen.addAll(spares());
              FunctionProcess<WarmTasks.Seen> parent =
                  yard.processes().start(WarmTasks::lookInChild, 7);
              WarmTasks.Seen child = parent.result(LONG);
              assertThat(child.parent()).isEqualTo(parent.id());
              ManagedProcess listed = yard.processes().get(child.process());
              assertThat((long) listed.pid()).isEqualTo(child.pid());
              assertThat(child.connected()).isEqualTo(child.session());
              return seen.contains(child.pid());
            });
  }

  @Test
  void whatAFunctionHeldInAWorkerThatWaitedIsFreeAtItsEnd() throws Exception {
    RemoteQueue<String> queue =
        yard.queues().create(String.class, QueueOptions.defaults().capacity(5));
    queue.put("item");
    FunctionProcess<Long> process = fromSpare(() -> yard.processes().start(WarmTasks::hold, queue));
    process.join(LONG);
    assertThat(process.result()).isEqualTo((long) process.pid());
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void killedWorkerThatWaitsCostsNothing() throws Exception {
    for (int round = 0; round < 3; round++) {
      Set<Long> waiting = awaitSpares(daemon, yard);
      waiting.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      assertThat(yard.processes().start(Tasks::add, round, 1).result()).isEqualTo(round + 1);
    }
  }

  @Test
  void garbageCollectorInAVariableOfTheUserIsTheOnlyOne() throws Exception {
    FunctionOptions options =
        FunctionOptions.defaults().env(Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC"));
    assertThat(yard.processes().with(options).start(Tasks::square, 3).result(LONG)).isEqualTo(9);
  }

  @Test
  void classPathThatNoFileCanHaveIsRefused() {
    WorkerSpec local = LocalDefaults.worker(List.of(), Map.of());
    JavaRuntime java = local.getJava().toBuilder().addClassPath("/a\0b.jar").build();
    WorkerSpec impossible = local.toBuilder().setJava(java).build();
    assertRefused(
        Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", () -> start(impossible, "Tasks::pid", "[]"));
  }

  @Test
  void workersThatWaitDieWithTheDaemon() throws Exception {
    TestDaemon killed = TestDaemon.start();
    try (Forkyard user = Forkyard.connect("unix:" + killed.socket())) {
      awaitSpares(killed, user);
    }
    killed.kill();
    TestDaemon.awaitNothingLeft(killed.directory());
    TestDaemon.delete(killed.directory());
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
      assertThat(spares(without)).isEmpty();
    }
  }

  static Stream<Path> homes() {
    return Jdks.homes();
  }

  @ParameterizedTest
  @MethodSource("homes")
  void laterWorkersUseAnArchivePrintNothingAndSurviveASpoiledOne(Path javaHome) throws Exception {
    assertThat(mappedArchive(javaHome)).isEmpty();
    Path archive =
        Path.of(
            await()
                .atMost(TestDaemon.PATIENCE)
                .until(() -> mappedArchive(javaHome), file -> !file.isEmpty()));
    replace(archive, new byte[(int) Files.size(archive)]);
    assertThat(mappedArchive(javaHome)).isIn(archive.toString(), "");
    replace(archive, new byte[10]);
    assertThat(mappedArchive(javaHome)).isEmpty();
  }

  /** By rename: a JVM that has the archive mapped would crash if it were written in place. */
  private static void replace(Path archive, byte[] contents) throws IOException {
    Path replacement = Files.createTempFile(daemon.directory(), "archive", "");
    Files.write(replacement, contents);
    Files.move(replacement, archive, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The archive that a function process has mapped, which printed nothing; empty when it has none.
   * It is of a class path that no other test has, and was started for this call.
   */
  private static String mappedArchive(Path javaHome) throws InterruptedException {
    WorkerSpec local = LocalDefaults.worker(List.of(), Map.of("START", Integer.toString(++starts)));
    JavaRuntime.Builder java = local.getJava().toBuilder();
    java.setJavaHome(javaHome.toString()).addClassPath(java.getClassPath(0));
    ProcessClient processes = new ProcessClient(daemon.channel());
    WorkerSpec own = local.toBuilder().setJava(java).build();
    ProcessInfo started = start(own, "WarmTasks::mapped", "[\"/state/archives/\"]");
    ProcessInfo ended = processes.ended(started.getProcessId());
    assertThat(processes.text(started.getProcessId())).isEmpty();
    assertThat(ended.getStderr().getEndCursor()).isZero();
    return processes
        .stub()
        .getProcess(GetProcessRequest.newBuilder().setProcessId(started.getProcessId()).build())
        .getOutcome()
        .getResult()
        .getJson()
        .replace("\"", "");
  }

  private static ProcessInfo start(WorkerSpec worker, String function, String arguments) {
    return new ProcessClient(daemon.channel())
        .start(
            StartProcessRequest.newBuilder()
                .setFunction(
                    FunctionSpec.newBuilder()
                        .setFunction(Function.newBuilder().setName("dev.forkyard.e2e." + function))
                        .setArguments(Payload.newBuilder().setJson(arguments))
                        .setWorker(worker)));
  }
}
