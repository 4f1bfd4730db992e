package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InOrderTest {
  private final List<String> done = new ArrayList<>();
  private final InOrder inOrder = new InOrder();

  @Test
  void whatIsAddedMeanwhileIsDoneAfterwards() {
    inOrder.add(
        () -> {
          inOrder.add(() -> done.add("second"));
          inOrder.run();
          done.add("first");
        });
    inOrder.run();
    assertThat(done).containsExactly("first", "second");
  }

  @Test
  void actionThatFailsKeepsNoOtherFromBeingDone() {
    inOrder.add(
        () -> {
          throw new IllegalStateException("a bug");
        });
    inOrder.add(() -> done.add("same run"));
    inOrder.run();
    inOrder.add(() -> done.add("later run"));
    inOrder.run();
    assertThat(done).containsExactly("same run", "later run");
  }
}
