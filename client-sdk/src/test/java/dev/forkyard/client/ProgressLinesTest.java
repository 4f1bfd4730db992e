package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
  private final List<String> printed = new ArrayList<>();
  private final AtomicLong seconds = new AtomicLong();
  private final ProgressLines lines =
      new ProgressLines(
          "counting",
          20,
          printed::add,
          Duration.ofSeconds(5),
          () -> Duration.ofSeconds(seconds.get()).toNanos());

  private void showAt(long second, long ended) {
    seconds.set(second);
    lines.show(ended, "0 failed");
  }

  @Test
  void firstAndLastStateArePrintedAndBetweenThemOneEveryFewSeconds() {
    showAt(0, 0);
    showAt(1, 3);
    showAt(4, 8);
    showAt(5, 9);
    showAt(6, 12);
    showAt(9, 19);
    lines.close();
    lines.close();
    assertThat(printed)
        .containsExactly(
            "counting 0/20, 0 failed", "counting 9/20, 0 failed", "counting 19/20, 0 failed");
  }

  @Test
  void stateThatHasNotChangedIsNotPrintedAgain() {
    showAt(0, 5);
    showAt(60, 5);
    lines.close();
    assertThat(printed).containsExactly("counting 5/20, 0 failed");
  }

  @Test
  void nothingIsPrintedWhereNoStateWasKnown() {
    lines.close();
    assertThat(printed).isEmpty();
  }
}
