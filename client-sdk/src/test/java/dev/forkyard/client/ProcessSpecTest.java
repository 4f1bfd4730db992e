package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.CommandSpec;
import dev.forkyard.v1.StartProcessRequest;
import dev.forkyard.v1.StderrMode;
import dev.forkyard.v1.StdinMode;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ProcessSpecTest {
  private static final ProcessSpec SPEC = ProcessSpec.of("make", "all");

  private static void assertRefused(String said, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void withoutMoreTheCallersDirectoryAndEnvironmentAndTheDaemonsDefaultsAreAskedFor() {
    StartProcessRequest request = SPEC.toRequest("s1").build();
    CommandSpec command = request.getCommand();
    assertThat(command.getArgvList()).containsExactly("make", "all");
    assertThat(command.getCwd()).isEqualTo(System.getProperty("user.dir"));
    assertThat(command.getEnvMap()).containsEntry("PATH", System.getenv("PATH"));
    assertThat(command.getClearEnv()).isTrue();
    assertThat(request.getOwnerSessionId()).isEmpty();
    assertThat(request.toBuilder().clearCommand().build())
        .isEqualTo(StartProcessRequest.getDefaultInstance());
    assertThat(command.toBuilder().clearArgv().clearCwd().clearEnv().clearClearEnv().build())
        .isEqualTo(CommandSpec.getDefaultInstance());
  }

  @Test
  void everyOptionOfTheCommandIsAskedFor() {
    CommandSpec command =
        SPEC.cwd(Path.of("/tmp"))
            .clearEnv()
            .env("A", "1")
            .env("B", "2")
            .umask("027")
            .maxOpenFiles(64)
            .nice(-5)
            .pipeStdin()
            .mergeStderr()
            .toRequest("s1")
            .getCommand();
    assertThat(command)
        .isEqualTo(
            CommandSpec.newBuilder()
                .addArgv("make")
                .addArgv("all")
                .setCwd("/tmp")
                .setClearEnv(true)
                .putEnv("A", "1")
                .putEnv("B", "2")
                .setUmask("027")
                .setMaxOpenFiles(64)
                .setNice(-5)
                .setStdin(StdinMode.STDIN_MODE_PIPE)
                .setStderr(StderrMode.STDERR_MODE_MERGED)
                .build());
    assertThat(SPEC.terminal(30, 100).toRequest("s1").getCommand().getTerminal())
        .isEqualTo(new TerminalSize(30, 100).toProto());
  }

  @Test
  void everyOptionOfTheProcessIsAskedFor() {
    StartProcessRequest request =
        SPEC.id("build")
            .daemon(true)
            .label("app", "shop")
            .label("tier", "web")
            .stopSignal("INT")
            .stopGrace(Duration.ofMillis(1_500))
            .runTimeout(Duration.ofHours(1))
            .outputLimit(1 << 20)
            .toRequest("s1")
            .build();
    assertThat(request.getProcessId()).isEqualTo("build");
    assertThat(request.getOwnerSessionId()).isEqualTo("s1");
    assertThat(request.getLabelsMap()).containsEntry("app", "shop").containsEntry("tier", "web");
    assertThat(request.getStopSignal()).isEqualTo("INT");
    assertThat(Protos.duration(request.getStopGrace())).isEqualTo(Duration.ofMillis(1_500));
    assertThat(Protos.duration(request.getRunTimeout())).isEqualTo(Duration.ofHours(1));
    assertThat(request.getOutputLimitBytes()).isEqualTo(1 << 20);
  }

  @Test
  void eachMethodLeavesTheOriginalAsItWas() {
    StartProcessRequest before = SPEC.toRequest("s1").build();
    assertThat(SPEC.id("x").env("A", "1").nice(3).label("k", "v").daemon(true)).isNotSameAs(SPEC);
    assertThat(SPEC.toRequest("s1").build()).isEqualTo(before);
    assertThat(SPEC.env("A", "1").env()).containsOnlyKeys("A");
    assertThat(SPEC.env()).isEmpty();
  }

  @Test
  void valuesThatMakeNoSenseAreRefusedAtOnce() {
    assertRefused("octal", () -> SPEC.umask("9"));
    assertRefused("octal", () -> SPEC.umask(""));
    assertRefused("at least 1 open file", () -> SPEC.maxOpenFiles(0));
    assertRefused("-20 to 19", () -> SPEC.nice(20));
    assertRefused("1 to 65535", () -> SPEC.terminal(0, 80));
    assertRefused("1 to 65535", () -> SPEC.terminal(24, 65_536));
    assertRefused("needs a name", () -> SPEC.stopSignal(" "));
    assertRefused("cannot be negative", () -> SPEC.stopGrace(Duration.ofNanos(-1)));
    assertRefused("more time", () -> SPEC.runTimeout(Duration.ZERO));
    assertRefused("at least 65536", () -> SPEC.outputLimit(65_535));
  }

  @Test
  void terminalIsInputAndOutputAlready() {
    assertRefused("terminal", () -> SPEC.terminal(24, 80).pipeStdin());
    assertRefused("terminal", () -> SPEC.mergeStderr().terminal(24, 80));
  }
}
