package dev.forkyard.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.testing.Jdks;
import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.SessionClient;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.CreateQueueRequest;
import dev.forkyard.v1.ExitCause;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.QueueServiceGrpc;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import dev.forkyard.v1.TakeItemsRequest;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The daemon as a process: how it starts, refuses to, and ends. */
@SuppressWarnings("NullAway.Init")
class DaemonTest {
  private static final Path NEWER_JDK = Jdks.newer();
  private final List<TestDaemon> daemons = new ArrayList<>();
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("fy-");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    daemons.forEach(TestDaemon::kill);
    TestDaemon.awaitNothingLeft(directory);
    if (Files.exists(directory)) {
      TestDaemon.delete(directory);
    }
  }

  private TestDaemon start(String... more) throws IOException {
    TestDaemon daemon = TestDaemon.start(directory, TestDaemon.launch(directory, options(more)));
    daemons.add(daemon);
    return daemon;
  }

  private List<String> options(String... more) {
    List<String> options = new ArrayList<>(TestDaemon.standardOptions(directory));
    options.addAll(List.of(more));
    return options;
  }

  private static StartProcessRequest script(String script) {
    return StartProcessRequest.newBuilder()
        .setCommand(CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script)))
        .build();
  }

  private static void awaitExit(Process process) throws InterruptedException {
    assertThat(process.waitFor(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Starts a daemon that cannot start; answers the one sentence that it says. */
  private String refusal(List<String> options) throws Exception {
    Process process = TestDaemon.launch(directory, options);
    awaitExit(process);
    assertThat(process.exitValue()).as("log: %s", TestDaemon.log(directory)).isEqualTo(2);
    assertThat(process.getInputStream().readAllBytes()).isEmpty();
    List<String> said =
        TestDaemon.log(directory).stream().filter(line -> line.startsWith("forkyard: ")).toList();
    assertThat(said).hasSize(1);
    return said.get(0);
  }

  @Test
  void sigtermStopsChildrenByTheLadderAnswersParkedCallsAndExitsWithZero() throws Exception {
    TestDaemon daemon = start();
    var processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
    String deaf = "trap '' TERM; echo deaf; sleep 600 & sleep 600";
    String id = processes.startProcess(script(deaf)).getProcess().getProcessId();
    ReadOutputRequest output = ReadOutputRequest.newBuilder().setProcessId(id).build();
    await()
        .atMost(TestDaemon.PATIENCE)
        .until(() -> !processes.readOutput(output).getData().isEmpty());
    var waiting =
        ProcessServiceGrpc.newFutureStub(daemon.channel())
            .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build());
    QueueServiceGrpc.newBlockingStub(daemon.channel())
        .createQueue(CreateQueueRequest.newBuilder().setQueueId("jobs").build());
    var unary =
        QueueServiceGrpc.newFutureStub(daemon.channel())
            .takeItems(TakeItemsRequest.newBuilder().setQueueId("jobs").build());
    SessionClient session = SessionClient.open(daemon.channel());
    SessionCall streamed =
        session.send(call -> call.setTakeItems(TakeItemsRequest.newBuilder().setQueueId("jobs")));
    await().atMost(TestDaemon.PATIENCE).until(() -> daemon.counts().getWaitingCalls() == 3);
    daemon.signal("TERM");
    await().atMost(TestDaemon.PATIENCE).until(() -> !Files.exists(daemon.socket()));
    daemon.signal("TERM"); // once more, while it stops
    daemon.signal("INT");
    WaitProcessResponse ended = waiting.get(60, TimeUnit.SECONDS);
    assertThat(ended.getProcess().getExit().getSignal()).isEqualTo("KILL");
    assertThat(ended.getProcess().getExit().getCause())
        .isEqualTo(ExitCause.EXIT_CAUSE_DAEMON_STOPPED);
    assertThat(Assertions.catchThrowable(() -> unary.get(60, TimeUnit.SECONDS)))
        .hasCauseInstanceOf(io.grpc.StatusRuntimeException.class)
        .satisfies(
            refused ->
                assertThat(Refusals.reason(Objects.requireNonNull(refused.getCause())))
                    .isEqualTo("DAEMON_STOPPING"));
    assertThat(Refusals.reason(session.answer(streamed).getError())).isEqualTo("DAEMON_STOPPING");
    awaitExit(daemon.process());
    daemon.close();
  }

  @Test
  void secondDaemonOnTheSameSocketOrStateIsRefused() throws Exception {
    try (TestDaemon first = start()) {
      Path other = Files.createTempDirectory("fy-");
      Process sameState =
          TestDaemon.launch(
              other,
              List.of("--socket", other + "/s", "--state-dir", directory.resolve("state") + ""));
      awaitExit(sameState);
      assertThat(sameState.exitValue()).isEqualTo(2);
      assertThat(TestDaemon.log(other))
          .singleElement()
          .asString()
          .startsWith("forkyard: another daemon (pid " + first.process().pid() + ")")
          .contains("--state-dir");
      Process sameSocket =
          TestDaemon.launch(
              other, List.of("--socket", first.socket() + "", "--state-dir", other + "/state"));
      awaitExit(sameSocket);
      assertThat(sameSocket.exitValue()).isEqualTo(2);
      assertThat(TestDaemon.log(other)).last().asString().contains("--socket");
      TestDaemon.delete(other);
      assertThat(
              SystemServiceGrpc.newBlockingStub(first.channel())
                  .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                  .getPid())
          .isEqualTo((int) first.process().pid());
    }
  }

  @Test
  void killedDaemonTakesItsChildrenWithItAndItsSuccessorReplacesTheSocket() throws Exception {
    TestDaemon daemon = start();
    var processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
    for (int i = 0; i < 50; i++) {
      processes.startProcess(script("trap '' TERM; sleep 600 & setsid sleep 600 & sleep 600"));
    }
    await().atMost(TestDaemon.PATIENCE).until(() -> TestDaemon.started(directory).size() >= 200);
    daemon.signal("KILL");
    awaitExit(daemon.process());
    TestDaemon.awaitNothingLeft(directory);
    assertThat(daemon.socket()).exists();
    Files.delete(directory.resolve("log"));
    start().close();
  }

  @Test
  void whatADaemonLeftThatWasKilledWithItsGuardIsGoneWhenTheNextServes() throws Exception {
    TestDaemon daemon = start();
    var processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
    for (int i = 0; i < 10; i++) {
      processes.startProcess(script("sleep 600 & setsid sleep 600 & sleep 600"));
    }
    int bare = processes.startProcess(script("exec env -i sleep 600")).getProcess().getPid();
    await().atMost(TestDaemon.PATIENCE).until(() -> TestDaemon.started(directory).size() == 40);
    ProcessHandle guard = guard(daemon);
    signal("STOP", guard.pid());
    daemon.signal("KILL");
    awaitExit(daemon.process());
    signal("KILL", guard.pid());
    await().atMost(TestDaemon.PATIENCE).until(() -> !guard.isAlive());
    assertThat(TestDaemon.started(directory)).hasSize(40);
    Process stranger = new ProcessBuilder("setsid", "sleep", "600").start();
    Files.writeString(
        directory.resolve("state/ledger"),
        "+ %d %d\n".formatted(stranger.pid(), 1), // as if it had got the pid of a child
        StandardOpenOption.APPEND);
    Path log = directory.resolve("log");
    Files.delete(log);
    TestDaemon next = start();
    assertThat(TestDaemon.started(directory)).isEmpty();
    assertThat(stranger.isAlive()).isTrue();
    stranger.destroyForcibly();
    // killed; whoever is its parent now takes its exit status
    await().atMost(TestDaemon.PATIENCE).until(() -> ProcessHandle.of(bare).isEmpty());
    assertThat(next.log())
        .filteredOn(line -> line.endsWith(" killed of its processes: 41"))
        .hasSize(1);
    next.close();
  }

  private static ProcessHandle guard(TestDaemon daemon) {
    return daemon
        .process()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains("forkyard-guard"))
        .findFirst()
        .orElseThrow();
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  @Test
  void garbageInPlaceOfTheLedgerPreventsNoStart() throws Exception {
    Path state = directory.resolve("state");
    Files.createDirectory(
        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.write(state.resolve("ledger"), new byte[] {0, 1, (byte) 0xff, '\n'});
    TestDaemon daemon = start();
    assertThat(daemon.log()).anyMatch(line -> line.contains("ledger is no ledger"));
  }

  @Test
  void itEndsWhenItsStandardInputCloses() throws Exception {
    TestDaemon daemon = start("--until-stdin-closes", "--remove-state-at-end");
    ProcessServiceGrpc.newBlockingStub(daemon.channel()).startProcess(script("sleep 600"));
    daemon.process().getOutputStream().close();
    awaitExit(daemon.process());
    assertThat(daemon.process().exitValue()).isZero();
    assertThat(directory).doesNotExist();
    TestDaemon.awaitNothingLeft(directory);
  }

  @Test
  void socketAndDirectoriesAreForTheUserAlone() throws Exception {
    try (TestDaemon daemon = start()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(daemon.socket())))
          .isEqualTo("rwx------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("state"))))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void tooLongSocketPathIsRefusedWithTheLimit() throws Exception {
    String path = directory + "/" + "x".repeat(100);
    assertThat(refusal(List.of("--socket", path, "--state-dir", directory + "/state")))
        .contains("107")
        .contains("--socket");
  }

  @Test
  void directoryThatOthersMayWriteToIsRefused() throws Exception {
    Path state = directory.resolve("state");
    Files.createDirectory(state);
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(refusal(options())).contains("written to by others").contains("--state-dir");
  }

  @Test
  void linkInPlaceOfADirectoryIsRefused() throws Exception {
    Path real = Files.createDirectory(directory.resolve("real"));
    Files.createSymbolicLink(directory.resolve("state"), real);
    assertThat(refusal(options())).contains("link").contains("--state-dir");
  }

  @Test
  void fileInPlaceOfTheSocketIsRefusedAndKept() throws Exception {
    Files.writeString(TestDaemon.socket(directory), "precious");
    assertThat(refusal(options())).contains("not a socket").contains("--socket");
    assertThat(TestDaemon.socket(directory)).hasContent("precious");
  }

  @Test
  void helpNamesTheOptionsAndMistakesAreExplained() throws Exception {
    Process help = TestDaemon.launch(directory, List.of("--help"));
    String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    awaitExit(help);
    assertThat(help.exitValue()).isZero();
    assertThat(text)
        .contains("--output-limit=SIZE", "Default: 64M", "--output-limit-total=SIZE", "4G");
    assertThat(text)
        .contains("--socket", "--state-dir", "--until-stdin-closes", "--listen", "SIGTERM");
    Process version = TestDaemon.launch(directory, List.of("--version"));
    assertThat(new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .matches("(?s).*\\d+\\.\\d+\\.\\d+.*");
    Process mistake = TestDaemon.launch(directory, List.of("--sokcet", "x"));
    awaitExit(mistake);
    assertThat(mistake.exitValue()).isEqualTo(2);
    assertThat(TestDaemon.log(directory))
        .anyMatch(line -> line.startsWith("forkyard: ") && line.contains("--sokcet"))
        .anyMatch(line -> line.contains("--help"))
        .noneMatch(line -> line.contains("Usage"));
  }

  @ParameterizedTest
  @CsvSource({
    "--output-limit, 63K, too little",
    "--output-limit, 64k, no size",
    "--output-limit-total, -1, no size",
    "--output-limit-total, 65535, too little",
    "--output-limit-total, 9999999999G, no size"
  })
  void limitsThatAreNoneAreRefused(String option, String size, String why) throws Exception {
    Process mistake = TestDaemon.launch(directory, options(option + "=" + size));
    awaitExit(mistake);
    assertThat(mistake.exitValue()).isEqualTo(2);
    assertThat(TestDaemon.log(directory))
        .anyMatch(line -> line.contains(option) && line.contains("'" + size + "' is " + why));
  }

  @Test
  void itSaysNothingThatIsNotItsOwn() throws Exception {
    start().close(); // which checks every line
  }

  @Test
  void itSaysNothingThatIsNotItsOwnOnANewerJdk() throws Exception {
    Process process = TestDaemon.launch(directory, NEWER_JDK.toString(), options());
    TestDaemon daemon = TestDaemon.start(directory, process);
    daemons.add(daemon);
    assertThat(
            SystemServiceGrpc.newBlockingStub(daemon.channel())
                .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                .getJavaVersion())
        .startsWith(versionOf(NEWER_JDK));
    daemon.close();
  }

  /** As the file that every JDK has at its root says. */
  private static String versionOf(Path jdk) throws IOException {
    Properties release = new Properties();
    try (Reader file = Files.newBufferedReader(jdk.resolve("release"))) {
      release.load(file);
    }
    return release.getProperty("JAVA_VERSION", "").replace("\"", "");
  }
}
