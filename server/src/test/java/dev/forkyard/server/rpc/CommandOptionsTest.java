package dev.forkyard.server.rpc;

import static dev.forkyard.server.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.forkyard.server.testing.Refusals;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.ProcessServiceGrpc.ProcessServiceBlockingStub;
import dev.forkyard.v1.ReadOutputRequest;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StderrMode;
import dev.forkyard.v1.StdinMode;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.Terminal;
import dev.forkyard.v1.WaitProcessRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The options of a command, seen from inside of it. */
class CommandOptionsTest {
  private static TestDaemon daemon;
  private static ProcessServiceBlockingStub processes;

  @BeforeAll
  static void start() throws IOException {
    daemon = TestDaemon.start();
    processes = ProcessServiceGrpc.newBlockingStub(daemon.channel());
  }

  @AfterAll
  static void stop() throws IOException {
    daemon.close();
  }

  private static CommandSpec.Builder script(String script) {
    return CommandSpec.newBuilder().addAllArgv(List.of("sh", "-c", script));
  }

  private static String start(ProcessServiceBlockingStub stub, CommandSpec.Builder spec) {
    return stub.startProcess(StartProcessRequest.newBuilder().setCommand(spec).build())
        .getProcess()
        .getProcessId();
  }

  private static String read(ProcessServiceBlockingStub stub, String id, OutputStream stream) {
    return stub.readOutput(
            ReadOutputRequest.newBuilder()
                .setProcessId(id)
                .setStream(stream)
                .setAsText(true)
                .build())
        .getText();
  }

  private static String run(ProcessServiceBlockingStub stub, CommandSpec.Builder spec) {
    String id = start(stub, spec);
    stub.withDeadlineAfter(60, TimeUnit.SECONDS)
        .waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build());
    return read(stub, id, OutputStream.OUTPUT_STREAM_STDOUT);
  }

  private static String run(CommandSpec.Builder spec) {
    return run(processes, spec);
  }

  @Test
  void umaskIsTheChildsAlone() {
    assertThat(run(script("umask").setUmask("027")).strip()).isEqualTo("0027");
    assertThat(run(script("umask").setUmask("0")).strip()).isEqualTo("0000");
    assertThat(run(script("umask")).strip()).isEqualTo(run(script("umask").setNice(19)).strip());
    assertThat(run(script("umask").setUmask("0123").setNice(19)).strip()).isEqualTo("0123");
  }

  @Test
  void limitOfOpenFilesIsTheChildsAlone() {
    for (int i = 0; i < 20; i++) {
      assertThat(run(script("ulimit -Sn").setMaxOpenFiles(777)).strip()).isEqualTo("777");
    }
    // the daemon needs more itself, so it is set just after the start
    String wait = "until [ $(ulimit -Sn) = 17 ]; do :; done; ulimit -Sn";
    assertThat(run(script(wait).setMaxOpenFiles(17)).strip()).isEqualTo("17");
  }

  @Test
  void nicenessIsThereFromTheFirstInstructionOn() throws IOException {
    for (int i = 0; i < 20; i++) {
      assertThat(run(script("nice").setNice(17)).strip()).isEqualTo("17");
    }
    assertThat(run(script("nice")).strip()).isEqualTo(ownNiceness());
  }

  private static String ownNiceness() throws IOException {
    Process nice = new ProcessBuilder("nice").start();
    return new String(nice.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
  }

  @Test
  void withoutOptionsInputIsEmptyAndErrorsAreApart() {
    String id = start(processes, script("cat; echo out; echo err >&2"));
    processes.waitProcess(WaitProcessRequest.newBuilder().setProcessId(id).build());
    assertThat(read(processes, id, OutputStream.OUTPUT_STREAM_STDOUT)).isEqualTo("out\n");
    assertThat(read(processes, id, OutputStream.OUTPUT_STREAM_STDERR)).isEqualTo("err\n");
  }

  @Test
  void inputIsAPipeWhereAskedFor() {
    CommandSpec.Builder spec = script("readlink /proc/$$/fd/0");
    assertThat(run(spec.setStdin(StdinMode.STDIN_MODE_PIPE))).startsWith("pipe:");
    assertThat(run(spec.setStdin(StdinMode.STDIN_MODE_NONE))).isEqualTo("/dev/null\n");
  }

  @Test
  void mergedErrorsComeInTheOrderOfWriting() {
    assertThat(
            run(
                script("echo 1; echo 2 >&2; echo 3; echo 4 >&2")
                    .setStderr(StderrMode.STDERR_MODE_MERGED)))
        .isEqualTo("1\n2\n3\n4\n");
    assertThat(run(script("echo 1; echo 2 >&2").setStderr(StderrMode.STDERR_MODE_APART)))
        .isEqualTo("1\n");
  }

  @Test
  void terminalHasItsSizeAndAName() {
    String script = "tty; stty size; echo $TERM; echo err >&2";
    Terminal size = Terminal.newBuilder().setRows(31).setColumns(117).build();
    assertThat(run(script(script).setTerminal(size).putEnv("TERM", "vt100")))
        .matches("/dev/pts/\\d+\r\n31 117\r\nvt100\r\nerr\r\n");
    assertThat(
            run(
                script(script)
                    .setTerminal(Terminal.getDefaultInstance())
                    .setClearEnv(true)
                    .putEnv("PATH", "/usr/bin:/bin")))
        .matches("/dev/pts/\\d+\r\n24 80\r\nxterm-256color\r\nerr\r\n");
  }

  @Test
  void impossibleOptionsAreRefusedWithTheFieldNamed() {
    refused("command.umask", spec -> spec.setUmask("8"));
    refused("command.umask", spec -> spec.setUmask("7777"));
    refused("command.umask", spec -> spec.setUmask("u=rwx"));
    refused("command.max_open_files", spec -> spec.setMaxOpenFiles(-1));
    refused("command.max_open_files", spec -> spec.setMaxOpenFiles(Integer.MAX_VALUE));
    refused("command.nice", spec -> spec.setNice(20));
    refused("command.nice", spec -> spec.setNice(-21));
    refused("command.stdin", spec -> spec.setStdinValue(99));
    refused("command.stderr", spec -> spec.setStderrValue(99));
    Terminal terminal = Terminal.getDefaultInstance();
    refused(
        "command.stdin", spec -> spec.setTerminal(terminal).setStdin(StdinMode.STDIN_MODE_PIPE));
    refused(
        "command.stderr",
        spec -> spec.setTerminal(terminal).setStderr(StderrMode.STDERR_MODE_APART));
    refused(
        "command.terminal.rows", spec -> spec.setTerminal(Terminal.newBuilder().setRows(65_536)));
    refused(
        "command.terminal.columns", spec -> spec.setTerminal(Terminal.newBuilder().setColumns(-1)));
  }

  private static void refused(String field, UnaryOperator<CommandSpec.Builder> change) {
    CommandSpec.Builder spec = change.apply(CommandSpec.newBuilder().addArgv("true"));
    assertThat(catchThrowable(() -> start(processes, spec)))
        .as(field)
        .satisfies(
            refusal -> {
              assertThat(Refusals.reason(refusal)).isEqualTo("INVALID_ARGUMENT");
              assertThat(Refusals.metadata(refusal)).containsEntry("field", field);
            });
  }

  @Test
  void textIsUtf8AlsoWhereTheDaemonsLocaleIsNot() throws Exception {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options = TestDaemon.standardOptions(directory);
    Process process = TestDaemon.launchBy(directory, List.of("env", "LC_ALL=C"), options);
    try (TestDaemon inC = TestDaemon.start(directory, process)) {
      ProcessServiceBlockingStub stub = ProcessServiceGrpc.newBlockingStub(inC.channel());
      String folder = directory + "/gr\u00fcn \u20ac";
      String look = "printf '%s|%s|%s|' \"$1\" \"$V\" \"${PWD##*/}\"; printf x > \ud83d\ude00; ls";
      run(stub, CommandSpec.newBuilder().addArgv("mkdir").addArgv(folder));
      String seen =
          run(
              stub,
              CommandSpec.newBuilder()
                  .addAllArgv(List.of("sh", "-c", look, "sh", "\u00e9\ud83d\ude00"))
                  .putEnv("V", "\u03b2")
                  .setCwd(folder));
      assertThat(seen).isEqualTo("\u00e9\ud83d\ude00|\u03b2|gr\u00fcn \u20ac|\ud83d\ude00\n");
      run(stub, CommandSpec.newBuilder().addArgv("rm").addArgv("-r").addArgv(folder));
    }
  }

  @Test
  void nicenessThatNeedsPrivilegesIsRefusedWithoutThem() throws Exception {
    Path directory = Files.createTempDirectory("fy-");
    List<String> unprivileged =
        List.of("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice");
    boolean root = (Integer) Files.getAttribute(directory, "unix:uid") == 0;
    Process process =
        TestDaemon.launchBy(
            directory, root ? unprivileged : List.of(), TestDaemon.standardOptions(directory));
    try (TestDaemon plain = TestDaemon.start(directory, process)) {
      ProcessServiceBlockingStub stub = ProcessServiceGrpc.newBlockingStub(plain.channel());
      assertRefused(
          Code.INVALID_ARGUMENT,
          "INVALID_ARGUMENT",
          () -> start(stub, CommandSpec.newBuilder().addArgv("true").setNice(-5)));
      assertThat(run(stub, script("nice").setNice(19)).strip()).isEqualTo("19");
      assertThat(run(stub, script("nice")).strip()).isEqualTo(ownNiceness());
    }
  }

  @Test
  void daemonWithoutDescriptorsRefusesStartsAndRecovers() throws Exception {
    Path directory = Files.createTempDirectory("fy-");
    List<String> limited = List.of("bash", "-c", "ulimit -n 200; exec \"$@\"", "bash");
    Process process =
        TestDaemon.launchBy(directory, limited, TestDaemon.standardOptions(directory));
    try (TestDaemon small = TestDaemon.start(directory, process)) {
      ProcessServiceBlockingStub stub = ProcessServiceGrpc.newBlockingStub(small.channel());
      // a JVM that runs from folders needs descriptors to load classes: those of refusals too
      run(stub, script("true"));
      assertRefused(
          Code.INVALID_ARGUMENT,
          "PROGRAM_NOT_FOUND",
          () -> start(stub, CommandSpec.newBuilder().addArgv("no-such-program")));
      Deque<String> running = new ArrayDeque<>();
      StatusRuntimeException refusal = fill(stub, running);
      assertThat(refusal.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
      assertThat(Refusals.reason(refusal)).isEqualTo("SYSTEM_LIMIT");
      assertThat(Refusals.metadata(refusal))
          .containsEntry("limit", "open files of the daemon")
          .containsEntry("errno", "EMFILE")
          .containsEntry("stage", "RESOURCES");
      assertThat(running).hasSizeGreaterThan(10);
      for (int i = 0; i < 5; i++) {
        stop(stub, running.remove());
      }
      running.add(start(stub, CommandSpec.newBuilder().addArgv("sleep").addArgv("600")));
      running.forEach(id -> stop(stub, id));
    }
  }

  /** Starts processes until one is refused. */
  private static StatusRuntimeException fill(ProcessServiceBlockingStub stub, Deque<String> to) {
    while (true) {
      try {
        to.add(start(stub, CommandSpec.newBuilder().addArgv("sleep").addArgv("600")));
      } catch (StatusRuntimeException refusal) {
        return refusal;
      }
    }
  }

  private static void stop(ProcessServiceBlockingStub stub, String id) {
    stub.withDeadlineAfter(60, TimeUnit.SECONDS)
        .stopProcess(StopProcessRequest.newBuilder().setProcessId(id).build());
  }
}
