package dev.forkyard.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GuaranteesTest {
  private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w+)`");

  @Test
  void everyTestThatTheGuaranteesNameExists() throws IOException {
    Path home = Path.of(System.getProperty("maven.basedir", "."), "..");
    Matcher named = NAMED_TEST.matcher(Files.readString(home.resolve("docs/guarantees.md")));
    List<String> missing = new ArrayList<>();
    int count = 0;
    while (named.find()) {
      count++;
      if (sources(home, named.group(1)).stream()
          .noneMatch(s -> s.contains(" void " + named.group(2) + "("))) {
        missing.add(named.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(count).isGreaterThan(30);
  }

  @Test
  void everyRowOfTheGuaranteesNamesATest() throws IOException {
    Path home = Path.of(System.getProperty("maven.basedir", "."), "..");
    List<String> bare =
        Files.readAllLines(home.resolve("docs/guarantees.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.endsWith("| test |"))
            .filter(line -> !NAMED_TEST.matcher(line).find())
            .toList();
    assertThat(bare).isEmpty();
  }

  private static List<String> sources(Path home, String testClass) throws IOException {
    List<String> sources = new ArrayList<>();
    for (String module : List.of("server", "client-sdk", "examples")) {
      try (Stream<Path> files = Files.walk(home.resolve(module).resolve("src/test/java"))) {
        for (Path file : files.filter(f -> f.endsWith(testClass + ".java")).toList()) {
          sources.add(Files.readString(file));
        }
      }
    }
    return sources;
  }
}
