package dev.forkyard.server.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "jobs", "a.b_c-d", "9-lives"})
  void wellFormedIdsAreAccepted(String id) {
    assertThatCode(() -> Ids.check("queue_id", id)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", ".a", "_a", "A", "a b", "a/b", "ä", "a\n", "a\0"})
  void otherIdsAreRefusedWithTheFieldNamed(String id) {
    assertThatThrownBy(() -> Ids.check("queue_id", id))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
              assertThat(fault.metadata()).containsEntry("field", "queue_id");
              assertThat(fault.sentence()).contains("queue_id");
            });
  }

  @Test
  void idsHaveAtMost63Characters() {
    assertThatCode(() -> Ids.check("queue_id", "a".repeat(63))).doesNotThrowAnyException();
    assertThatThrownBy(() -> Ids.check("queue_id", "a".repeat(64))).isInstanceOf(Fault.class);
  }

  @Test
  void refusalOfAnEnormousIdIsShort() {
    assertThatThrownBy(() -> Ids.check("queue_id", "A".repeat(1_000_000)))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> assertThat(fault.sentence().length() + sizeOf(fault)).isLessThan(500));
  }

  private static int sizeOf(Fault fault) {
    return fault.metadata().values().stream().mapToInt(String::length).sum();
  }

  @Test
  void randomIdsAreWellFormedAndDiffer() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      String id = Ids.random("q");
      Ids.check("queue_id", id);
      assertThat(id).startsWith("q-");
      assertThat(seen.add(id)).isTrue();
    }
  }
}
