package dev.forkyard.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  private static final int FILES = 120;
  private static final Pattern SOCKET = Pattern.compile("--unix-socket (/\\S+)");

  private record Run(int exitCode, String output, String errors) {}

  private static Run demo(Path outputs, String... arguments) throws Exception {
    Path output = outputs.resolve("out");
    Path errors = outputs.resolve("err");
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"));
    if (Runtime.version().feature() >= 24) {
      command.command().add("--sun-misc-unsafe-memory-access=allow");
    }
    command.command().add(Demo.class.getName());
    command.command().addAll(List.of(arguments));
    int exitCode =
        command.redirectOutput(output.toFile()).redirectError(errors.toFile()).start().waitFor();
    return new Run(exitCode, Files.readString(output), Files.readString(errors));
  }

  @Test
  void losesAWorkerButNoWordAndLeavesNothing(@TempDir Path texts, @TempDir Path outputs)
      throws Exception {
    Texts.write(texts, FILES);
    Run run = demo(outputs, texts.toString());
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.output())
        .containsPattern("killed worker \\S+ \\(pid \\d+\\) with SIGKILL in the middle of a call")
        .contains("workers lost: 1, calls done: " + FILES + ", calls failed: 0")
        .containsPattern("(?m)^  counting 100% .* 120/120 .*0 failed, \\d+\\.\\d/s$")
        .contains("Nothing was lost: a plain count in one thread gives the same.")
        .containsPattern("grpcurl -plaintext -unix .*\\{\"pool_id\":\"words\"\\}")
        .contains("forkyard.v1.PoolService/GetPool")
        .contains("buf curl --protocol grpc");
    Matcher socket = SOCKET.matcher(run.output());
    assertThat(socket.find()).isTrue();
    assertThat(Path.of(socket.group(1)).getParent()).doesNotExist();
  }

  @Test
  void folderThatIsCountedTooSoonIsCountedAllTheSame(@TempDir Path texts, @TempDir Path outputs)
      throws Exception {
    Texts.write(texts, 1);
    Run run = demo(outputs, texts.toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.output())
        .contains("no worker was killed", "workers lost: 0, calls done: 1", "Nothing was lost");
  }

  @Test
  void folderWithoutTextIsOneSentenceAndExitCode2(@TempDir Path texts, @TempDir Path outputs)
      throws Exception {
    Run run = demo(outputs, texts.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors().lines()).singleElement().asString().contains("no text file");
  }
}
