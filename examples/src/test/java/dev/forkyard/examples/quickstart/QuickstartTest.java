package dev.forkyard.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickstartTest {
  private static final Path HOME = Path.of(System.getProperty("maven.basedir", "."), "..");

  @Test
  void theProgramOfTheReadmeDoesWhatTheReadmeSays() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Quickstart.main(new String[0]);
    } finally {
      System.setOut(console);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).matches("hello kel, from process \\d+");
    assertThat(lines.get(0)).doesNotEndWith(" " + ProcessHandle.current().pid());
    assertThat(lines.get(1)).matches("exit code 0.*: \\d+ names");
    assertThat(lines.get(2)).isEqualTo("[1, 4, 9]");
  }

  @Test
  void theProgramOfTheReadmeIsThisOne() throws IOException {
    String readme = Files.readString(HOME.resolve("README.md"));
    String program =
        Files.readString(
            HOME.resolve(
                "examples/src/main/java/dev/forkyard/examples/quickstart/Quickstart.java"));
    int start = program.indexOf("    try (Forkyard");
    String shown =
        program.substring(start, program.lastIndexOf("  }\n}")).stripTrailing().stripIndent();
    assertThat(readme).contains("```java\n" + shown + "\n```");
  }
}
