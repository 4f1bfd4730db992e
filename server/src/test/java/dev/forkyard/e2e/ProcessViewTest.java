package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ProcessSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a {@link Process} promises, held by the JDK's and by a managed one. */
class ProcessViewTest {
  private static Forkyard yard;

  enum Kind {
    OF_THE_JDK,
    MANAGED
  }

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static Process start(Kind kind, String script) throws IOException {
    String[] argv = {"sh", "-c", script};
    return switch (kind) {
      case OF_THE_JDK -> new ProcessBuilder(argv).start();
      case MANAGED -> yard.processes().start(ProcessSpec.of(argv).pipeStdin()).asProcess();
    };
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void outputErrorAndExitCodeAreTheProgramsOwn(Kind kind) throws Exception {
    Process process = start(kind, "echo out; echo err >&2; exit 3");
    assertThat(process.getInputStream()).hasContent("out\n");
    assertThat(process.getErrorStream()).hasContent("err\n");
    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(process.exitValue()).isEqualTo(3);
    assertThat(process.isAlive()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void inputArrivesWhenItIsFlushedAndEndsWhenItIsClosed(Kind kind) throws Exception {
    Process process = start(kind, "read line; echo \"got $line\"; cat; echo end");
    Writer in = process.outputWriter(StandardCharsets.UTF_8);
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      in.write("für\n");
      in.flush();
      assertThat(out.readLine()).isEqualTo("got für");
      in.write("no newline ");
      in.close();
      assertThat(out.readLine()).isEqualTo("no newline end");
      assertThat(out.readLine()).isNull();
    }
    assertThat(process.waitFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void writeAfterTheEndFails(Kind kind) throws Exception {
    Process process = start(kind, "exit 0");
    process.waitFor();
    OutputStream in = process.getOutputStream();
    assertThatThrownBy(
            () -> {
              in.write('x');
              in.flush();
            })
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void livingProcessHasNoExitValueAndDestroyEndsIt(Kind kind) throws Exception {
    Process process = start(kind, "exec sleep 600");
    assertThat(process.isAlive()).isTrue();
    assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
    assertThat(process.waitFor(0, TimeUnit.SECONDS)).isFalse();
    assertThat(process.supportsNormalTermination()).isTrue();
    process.destroy();
    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(process.waitFor(0, TimeUnit.SECONDS)).isTrue();
    process.destroy();
    assertThat(process.exitValue()).isEqualTo(143);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void destroyForciblyEndsWhatIgnoresTerm(Kind kind) throws Exception {
    Process process = start(kind, "trap '' TERM; echo ready; while :; do read line; done");
    assertThat(process.getInputStream().read()).isEqualTo('r');
    assertThat(process.destroyForcibly()).isSameAs(process);
    assertThat(process.waitFor()).isEqualTo(137);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void exitIsToldWithTheProcessItself(Kind kind) throws Exception {
    Process process = start(kind, "read line; exit 5");
    var exit = process.onExit();
    var cancelled = process.onExit();
    cancelled.cancel(true);
    process.getOutputStream().close();
    assertThat(exit.get()).isSameAs(process);
    assertThat(process.exitValue()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void pidAndInfoAreThoseOfTheProgram(Kind kind) throws Exception {
    Process process = start(kind, "echo $$; read line");
    BufferedReader out = process.inputReader();
    assertThat(out.readLine()).isEqualTo(Long.toString(process.pid()));
    assertThat(process.info().command()).get().asString().contains("sh");
    assertThat(process.info().startInstant()).isPresent();
    process.getOutputStream().close();
    process.waitFor();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void waitCanBeInterrupted(Kind kind) throws Exception {
    Process process = start(kind, "read line");
    Thread.currentThread().interrupt();
    assertThatThrownBy(process::waitFor).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(process.isAlive()).isTrue();
    process.destroyForcibly().waitFor();
  }

  @Test
  void managedProcessHasNoHandleOfThisMachine() throws Exception {
    Process process = start(Kind.MANAGED, "exit 0");
    assertThatThrownBy(process::toHandle).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(process::descendants).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void outputOfTheViewBeginsWithTheCurrentRun() throws Exception {
    var managed = yard.processes().start(ProcessSpec.of("sh", "-c", "echo run"));
    managed.join();
    managed.restart();
    Process process = managed.asProcess();
    assertThat(process.getInputStream()).hasContent("run\n");
    assertThat(managed.stdout().readAll()).isEqualTo("run\nrun\n");
  }
}
