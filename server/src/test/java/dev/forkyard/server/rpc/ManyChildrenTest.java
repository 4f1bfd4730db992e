package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceFutureStub;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StderrMode;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What children cost the daemon while they do nothing. */
class ManyChildrenTest {
  private static final int AT_ONCE = 200;
  private static final long MOST_HEAP_GROWTH = 20 << 20;

  private TestDaemon daemon;
  private ProcessServiceFutureStub processes;

  @BeforeEach
  void start() throws IOException {
    daemon = TestDaemon.start();
    processes = ProcessServiceGrpc.newFutureStub(daemon.channel());
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
  }

  @Test
  void thousandIdleChildrenWithPipesCostNoThreadAndLittleHeap() throws Exception {
    CommandSpec sleeper =
        CommandSpec.newBuilder()
            .addArgv("sleep")
            .addArgv("1000")
            .setStdin(StdinMode.STDIN_MODE_PIPE)
            .build();
    stopAll(startAll(AT_ONCE, sleeper)); // so that classes are loaded and caches filled
    List<String> threads = threads();
    long heap = liveHeap();
    int descriptors = descriptors();

    List<String> ids = startAll(1000, sleeper);
    assertThat(threads()).isEqualTo(threads);
    assertThat(liveHeap() - heap).isLessThan(MOST_HEAP_GROWTH);
    Map<String, Long> wakeUps = wakeUpsOfChildServants();
    TestDaemon.started(daemon.directory());
    assertThat(wakeUpsOfChildServants()).isEqualTo(wakeUps);

    stopAll(ids);
    await().atMost(TestDaemon.PATIENCE).until(() -> descriptors() <= descriptors);
    assertThat(threads()).isEqualTo(threads);
  }

  @Test
  void thousandChildrenAreStoppedByTheDaemonThatEnds() throws Exception {
    CommandSpec sleeper = CommandSpec.newBuilder().addArgv("sleep").addArgv("1000").build();
    List<String> ids = startAll(1000, sleeper);
    WaitProcessRequest wait = WaitProcessRequest.newBuilder().setProcessId(ids.get(999)).build();
    var waiting = processes.waitProcess(wait);
    daemon.signal("TERM");
    assertThat(waiting.get(60, TimeUnit.SECONDS).getProcess().getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_DAEMON_STOPPED);
    // that all of them were stopped in time is seen in the log when it is closed
  }

  @Test
  @Tag("stress")
  void tenThousandIdleChildrenLiveAndAreWaitedForAndEnd() throws Exception {
    CommandSpec sleeper =
        CommandSpec.newBuilder()
            .addArgv("sleep")
            .addArgv("1000")
            .setStderr(StderrMode.STDERR_MODE_MERGED)
            .build();
    List<String> threads = threads();
    List<String> ids = startAll(10_000, sleeper);
    assertThat(TestDaemon.started(daemon.directory())).hasSize(10_000);
    assertThat(threads()).containsAll(threads).hasSizeLessThan(threads.size() + 10);
    for (String id : List.of(ids.get(0), ids.get(9_999))) {
      WaitProcessRequest notAtAll =
          WaitProcessRequest.newBuilder()
              .setProcessId(id)
              .setTimeout(Duration.getDefaultInstance())
              .build();
      assertThat(processes.waitProcess(notAtAll).get().getTimedOut()).isTrue();
    }
    StartProcessRequest oneMore = StartProcessRequest.newBuilder().setCommand(sleeper).build();
    Throwable refused =
        catchThrowable(
            () -> ProcessServiceGrpc.newBlockingStub(daemon.channel()).startProcess(oneMore));
    assertThat(Refusals.reason(refused)).isEqualTo("TOO_MANY_PROCESSES");
    assertThat(Refusals.metadata(refused)).containsEntry("limit", "10000");
    stopAll(ids);
    stopAll(startAll(1, sleeper));
    TestDaemon.awaitNothingLeft(daemon.directory());
  }

  private List<String> startAll(int count, CommandSpec command) throws Exception {
    StartProcessRequest request = StartProcessRequest.newBuilder().setCommand(command).build();
    List<String> ids = new ArrayList<>();
    while (ids.size() < count) {
      List<ListenableFuture<String>> started = new ArrayList<>();
      for (int i = ids.size(); i < count && started.size() < AT_ONCE; i++) {
        started.add(
            Futures.transform(
                processes.startProcess(request),
                response -> response.getProcess().getProcessId(),
                Runnable::run));
      }
      ids.addAll(Futures.allAsList(started).get(60, TimeUnit.SECONDS));
    }
    return ids;
  }

  private void stopAll(List<String> ids) throws Exception {
    for (int i = 0; i < ids.size(); i += AT_ONCE) {
      List<ListenableFuture<StopProcessResponse>> stopped = new ArrayList<>();
      for (String id : ids.subList(i, Math.min(ids.size(), i + AT_ONCE))) {
        stopped.add(
            processes.stopProcess(
                StopProcessRequest.newBuilder()
                    .setProcessId(id)
                    .setGrace(Duration.getDefaultInstance())
                    .build()));
      }
      for (StopProcessResponse response :
          Futures.allAsList(stopped).get(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        assertThat(response.getProcess().getExit().getSignal()).isEqualTo("KILL");
        assertThat(response.getSurvivorPidsList()).isEmpty();
        processes
            .deleteProcess(
                DeleteProcessRequest.newBuilder()
                    .setProcessId(response.getProcess().getProcessId())
                    .build())
            .get();
      }
    }
  }

  private Path proc() {
    return Path.of("/proc", Long.toString(daemon.process().pid()));
  }

  /** Names of the daemon's threads, but for those that the JVM adds for itself as it likes. */
  private List<String> threads() {
    return entries(proc().resolve("task")).stream()
        .map(ManyChildrenTest::name)
        .filter(name -> !name.matches("(C[12] Compiler|Attach Listener|GC |VM ).*"))
        .sorted()
        .toList();
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException ended) {
      return "ended";
    }
  }

  private int descriptors() {
    return entries(proc().resolve("fd")).size();
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often each thread that serves children has gone to sleep. */
  private Map<String, Long> wakeUpsOfChildServants() throws IOException {
    Map<String, Long> counts = new TreeMap<>();
    for (Path task : entries(proc().resolve("task"))) {
      String name = name(task);
      if (name.startsWith("os-")) {
        counts.put(name, voluntarySwitches(task));
      }
    }
    assertThat(counts).containsKeys("os-spawn", "os-reaper", "os-output");
    return counts;
  }

  private static long voluntarySwitches(Path task) throws IOException {
    String prefix = "voluntary_ctxt_switches:";
    return Files.readAllLines(task.resolve("status")).stream()
        .filter(line -> line.startsWith(prefix))
        .mapToLong(line -> Long.parseLong(line.substring(prefix.length()).strip()))
        .sum();
  }

  /** Bytes of all objects that are reachable, after a collection. */
  private long liveHeap() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/jcmd",
                Long.toString(daemon.process().pid()),
                "GC.class_histogram")
            .start();
    String total = "";
    try (BufferedReader lines = jcmd.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        total = line.startsWith("Total") ? line : total;
      }
    }
    assertThat(jcmd.waitFor()).isZero();
    return Long.parseLong(total.strip().split("\\s+", -1)[2]);
  }
}
