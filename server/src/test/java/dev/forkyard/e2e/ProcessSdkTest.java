package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Attachment;
import dev.forkyard.client.ExitCause;
import dev.forkyard.client.ExitStatus;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.OutputLostException;
import dev.forkyard.client.ProcessInput;
import dev.forkyard.client.ProcessSnapshot;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.ProcessState;
import dev.forkyard.client.ProcessWatch;
import dev.forkyard.client.StopResult;
import dev.forkyard.client.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessSdkTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static ProcessSpec sh(String script) {
    return ProcessSpec.of("sh", "-c", script);
  }

  private static String outputOf(ProcessSpec spec) throws InterruptedException {
    ManagedProcess process = yard.processes().start(spec);
    process.join();
    return process.stdout().readAll();
  }

  @Test
  void optionsReachTheProgram() throws Exception {
    assertThat(outputOf(sh("umask").umask("027"))).isEqualTo("0027\n");
    assertThat(outputOf(sh("ulimit -n").maxOpenFiles(777))).isEqualTo("777\n");
    assertThat(outputOf(ProcessSpec.of("nice").nice(7))).isEqualTo("7\n");
    assertThat(outputOf(sh("echo a; echo b >&2; echo c").mergeStderr())).isEqualTo("a\nb\nc\n");
    assertThat(outputOf(sh("read line || echo no input"))).isEqualTo("no input\n");
    assertThat(outputOf(sh("stty size; test -t 0 && test -t 2 && echo tty").terminal(30, 100)))
        .isEqualTo("30 100\r\ntty\r\n");
  }

  @Test
  void runThatTakesTooLongIsStopped() throws Exception {
    ExitStatus exit =
        yard.processes().start(sh("exec sleep 600").runTimeout(Duration.ofMillis(50))).join(LONG);
    assertThat(exit.cause()).isEqualTo(ExitCause.TIMEOUT);
    assertThat(exit.signal()).hasValue("TERM");
  }

  @Test
  void stopBeginsWithTheSignalAndTheGraceOfTheProcess() throws Exception {
    ManagedProcess polite =
        yard.processes()
            .start(
                sh("trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done")
                    .stopSignal("INT"));
    try (Stream<String> lines = polite.stdout().lines()) {
      assertThat(lines.iterator().next()).isEqualTo("ready");
    }
    StopResult stopped = polite.stop();
    assertThat(stopped.exit().code()).hasValue(9);
    assertThat(stopped.exit().cause()).isEqualTo(ExitCause.STOP_REQUESTED);
    assertThat(stopped.survivorPids()).isEmpty();
    ManagedProcess sleeper =
        yard.processes().start(ProcessSpec.of("sleep", "600").stopGrace(Duration.ZERO));
    assertThat(sleeper.stopAsync().get().exit().signal()).hasValue("KILL");
  }

  @Test
  void restartKeepsIdAndOutputAndCountsRuns() throws Exception {
    ManagedProcess process = yard.processes().start(sh("echo run; exit 4"));
    ExitStatus first = process.join();
    assertThat(first.run()).isEqualTo(1);
    ProcessSnapshot second = process.restart();
    assertThat(second.run()).isEqualTo(2);
    assertThat(second.previousExit()).hasValue(first);
    assertThat(process.pid()).isEqualTo(second.pid());
    assertThat(process.join().run()).isEqualTo(2);
    assertThat(process.stdout().readAll()).isEqualTo("run\nrun\n");
    assertThat(process.stdout().extent().runCursor()).isEqualTo(4);
    assertRefused("NOT_RESTARTABLE", () -> yard.processes().start(Tasks::greet, "kel").restart());
  }

  @Test
  void programThatIsGoneAtARestartIsToldInTheExit(@TempDir Path dir) throws Exception {
    Path program = dir.resolve("program");
    Files.writeString(program, "#!/bin/sh\nexit 0\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    ManagedProcess process = yard.processes().start(ProcessSpec.of(program.toString()));
    process.join();
    Files.delete(program);
    assertRefused("PROGRAM_NOT_FOUND", process::restart);
    ExitStatus exit = process.exitStatus().orElseThrow();
    assertThat(exit.cause()).isEqualTo(ExitCause.SPAWN_FAILED);
    assertThat(exit.spawnFailure().orElseThrow().errnoName()).isEqualTo("ENOENT");
  }

  @Test
  void inputIsByteExactAndEndsWhenItIsClosed() throws Exception {
    byte[] noise = new byte[3_000_000];
    new Random(1).nextBytes(noise);
    ManagedProcess cat = yard.processes().start(ProcessSpec.of("cat").pipeStdin());
    try (ProcessInput in = cat.stdin()) {
      in.write(noise);
      in.writeAsync(new byte[] {1, 2, 3}).get();
    }
    assertThat(cat.join().success()).isTrue();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(noise);
    expected.writeBytes(new byte[] {1, 2, 3});
    assertThat(cat.stdout().readAllBytes()).isEqualTo(expected.toByteArray());
    assertThatThrownBy(() -> cat.stdin().write("x")).isInstanceOf(IOException.class);
    ManagedProcess deaf = yard.processes().start(ProcessSpec.of("true"));
    assertThatThrownBy(() -> deaf.stdin().write("x"))
        .isInstanceOf(IOException.class)
        .cause()
        .isInstanceOf(ForkyardException.class);
    deaf.stdin().close();
  }

  @Test
  void linesFollowTheProcessWhileItRuns() throws Exception {
    ManagedProcess echo =
        yard.processes().start(sh("while read line; do echo \"got $line\"; done").pipeStdin());
    ProcessInput in = echo.stdin();
    try (Stream<String> lines = echo.stdout().lines()) {
      Iterator<String> answers = lines.iterator();
      for (String word : List.of("one", "zwölf")) {
        in.write(word + "\n");
        assertThat(answers.next()).isEqualTo("got " + word);
      }
      in.close();
      assertThat(answers.hasNext()).isFalse();
    }
  }

  @Test
  void readersAreToldOfOutputThatIsOverTheLimit() throws Exception {
    ManagedProcess process = yard.processes().start(sh("seq 1000000").outputLimit(65_536));
    process.join();
    assertThatThrownBy(() -> process.stdout().readAll()).isInstanceOf(OutputLostException.class);
    assertThatThrownBy(() -> process.stdout().stream().read())
        .hasCauseInstanceOf(OutputLostException.class);
    var extent = process.stdout().extent();
    assertThat(extent.endCursor() - extent.startCursor()).isPositive().isLessThanOrEqualTo(65_536);
    assertThat(extent.droppedBytes()).isEqualTo(extent.startCursor());
    try (Stream<String> lines = process.stdout().lines(extent.startCursor())) {
      assertThat(lines.reduce((first, second) -> second)).hasValue("1000000");
    }
    assertThat(process.stdout().tail(8)).isEqualTo("1000000\n");
  }

  @Test
  void attachedTerminalShowsTypesResizesAndDetaches() throws Exception {
    ManagedProcess shell =
        yard.processes()
            .start(
                sh("trap 'stty size' WINCH; stty -echo; echo ready; while :; do read line && echo"
                        + " \"got $line\"; done")
                    .terminal(24, 80));
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    CountDownLatch resized = new CountDownLatch(1);
    try (Stream<String> lines = shell.stdout().lines()) {
      Iterator<String> seen = lines.iterator();
      assertThat(seen.next()).isEqualTo("ready");
      try (Attachment terminal =
          shell.attach(
              1_000,
              piece -> {
                shown.writeBytes(piece.bytes());
                if (shown.toString(StandardCharsets.UTF_8).contains("got two")) {
                  resized.countDown();
                }
              })) {
        terminal.resize(30, 100);
        terminal.write("one\n");
        terminal.write("two\n");
        resized.await();
      }
      assertThat(shown.toString(StandardCharsets.UTF_8)).contains("ready", "got two");
      assertThat(shell.info().terminal()).hasValue(new TerminalSize(30, 100));
      assertThat(shell.isAlive()).isTrue();
    }
    Attachment again = shell.attach(piece -> {});
    again.signal("KILL");
    assertThat(again.onExit().get().signal()).hasValue("KILL");
    again.close();
  }

  @Test
  void processesAreFoundAndWatchedByTheirLabels() throws Exception {
    Map<String, String> shop = Map.of("app", "shop");
    try (ProcessWatch watch = yard.processes().watch(shop)) {
      assertThat(watch.next().kind()).isEqualTo(ProcessWatch.Kind.LIST_COMPLETE);
      yard.processes().start(ProcessSpec.of("true").label("app", "other")).join();
      ManagedProcess process = yard.processes().start(ProcessSpec.of("true").label("app", "shop"));
      process.join();
      assertThat(yard.processes().list(shop))
          .singleElement()
          .satisfies(
              found -> {
                assertThat(found.id()).isEqualTo(process.id());
                assertThat(found.labels()).isEqualTo(shop);
                assertThat(found.state()).isEqualTo(ProcessState.EXITED);
              });
      assertThat(watch.next().kind()).isEqualTo(ProcessWatch.Kind.STARTED);
      long revision = watch.revision();
      ProcessWatch.Event exited = watch.next();
      assertThat(exited.kind()).isEqualTo(ProcessWatch.Kind.EXITED);
      assertThat(exited.process().orElseThrow().exit().orElseThrow().success()).isTrue();
      process.delete();
      List<ProcessWatch.Kind> resumed = new ArrayList<>();
      try (ProcessWatch later = yard.processes().watch(shop, revision)) {
        resumed.add(later.next().kind());
        resumed.add(later.next().kind());
      }
      assertThat(resumed).containsExactly(ProcessWatch.Kind.EXITED, ProcessWatch.Kind.DELETED);
    }
  }
}
