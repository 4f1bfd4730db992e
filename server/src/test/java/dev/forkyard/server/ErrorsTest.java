package dev.forkyard.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  @Test
  void everyReasonIsExplainedOnceWithItsStatusAndNoOther() throws IOException {
    Path home = Path.of(System.getProperty("maven.basedir", "."), "..");
    List<String> explained = new ArrayList<>();
    for (String line : Files.readAllLines(home.resolve("docs/errors.md"))) {
      if (line.startsWith("## ")) {
        break; // what follows are no refusals of the daemon
      }
      String[] cells = line.split(" \\| ", -1);
      if (cells[0].matches("\\| [A-Z_, ]+")) {
        for (String reason : cells[0].substring(2).split(", ", -1)) {
          explained.add(reason + " " + cells[1]);
        }
      }
    }
    assertThat(explained)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Reason.values()).map(ErrorsTest::withStatus).toList());
  }

  private static String withStatus(Reason reason) {
    return reason + " " + reason.kind();
  }
}
