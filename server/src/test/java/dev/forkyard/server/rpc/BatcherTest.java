package dev.forkyard.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What leaves a stream, and when. */
class BatcherTest {
  private final FakeCall<List<String>> call = new FakeCall<>();
  private final Batcher<String> batcher = Batcher.of(call, parts -> parts, String::length);
  private int made;

  private String part(int index) {
    made++;
    return "part " + index;
  }

  private List<String> sent() {
    return call.answers().stream().flatMap(List::stream).toList();
  }

  @Test
  void partsOfASeriesAreMadeWhenTheClientCanTakeThem() {
    call.ready(false);
    assertThat(batcher.send("before")).isTrue();
    assertThat(batcher.sendEach(1_000_000, this::part)).isTrue();
    assertThat(batcher.send("after")).isTrue();
    assertThat(made).isZero();
    assertThat(batcher.waiting()).isEqualTo(3);

    call.beforeAnswer(() -> call.ready(false));
    call.ready(true);
    batcher.flush();
    assertThat(call.answers()).hasSize(1);
    assertThat(made).as("made for one message").isBetween(10_000, 1 << 20);

    call.beforeAnswer(() -> {});
    call.ready(true);
    batcher.flush();
    List<String> sent = sent();
    assertThat(sent).hasSize(1_000_002).startsWith("before", "part 0").endsWith("after");
    assertThat(sent.subList(1, 1_000_001))
        .isEqualTo(IntStream.range(0, 1_000_000).mapToObj(index -> "part " + index).toList());
    assertThat(batcher.waiting()).isZero();
  }

  @Test
  void manySeriesAreNotTooMuch() {
    call.ready(false);
    for (int i = 0; i < 100_000; i++) {
      assertThat(batcher.sendEach(1_000_000, this::part)).isTrue();
    }
    assertThat(made).isZero();
  }

  @Test
  void streamThatEndsInOrderEndsWhenEverythingWasTaken() {
    call.ready(false);
    batcher.sendEach(2, this::part);
    batcher.endInOrder(call::onCompleted);
    assertThat(call.isCompleted()).isFalse();
    call.ready(true);
    batcher.flush();
    assertThat(sent()).containsExactly("part 0", "part 1");
    assertThat(call.isCompleted()).isTrue();
  }

  @Test
  void streamThatEndsAtOnceStillTellsWhatIsMade() {
    call.ready(false);
    batcher.send("made");
    batcher.sendEach(1_000_000, this::part);
    batcher.endInOrder(() -> {});
    batcher.end(call::onCompleted);
    assertThat(sent()).containsExactly("made");
    assertThat(call.isCompleted()).isTrue();
  }
}
