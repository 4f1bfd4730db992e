package dev.forkyard.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTest {
  private static BenchCase goal(Double goal) {
    return new BenchCase("a case", 1, goal, ProcessSides::start, "peer");
  }

  @Test
  void ratioIsTheMedianOverThePairsNotOfTheMedians() {
    Result result = Result.of(goal(2.0), new double[] {10, 20, 90}, new double[] {10, 5, 30});
    assertThat(result.ours()).isEqualTo(20);
    assertThat(result.peer()).isEqualTo(10);
    assertThat(result.ratio()).isEqualTo(3);
    assertThat(result.min()).isEqualTo(1);
    assertThat(result.max()).isEqualTo(4);
    assertThat(result.reached()).isTrue();
  }

  @Test
  void goalIsReachedFromItsValueOn() {
    assertThat(Result.of(goal(2.0), new double[] {2}, new double[] {1}).reached()).isTrue();
    assertThat(Result.of(goal(2.1), new double[] {2}, new double[] {1}).reached()).isFalse();
    assertThat(Result.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
  }

  @Test
  void jsonHasTheFieldsThatReadersKnow() {
    JsonNode json =
        new ObjectMapper().valueToTree(Result.of(goal(2.0), new double[] {2}, new double[] {1}));
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "case", "ours", "peer", "unit", "better", "ratio", "min", "max", "goal", "reached");
  }

  @Test
  void optionsThatMakeNoSenseAreExplained() {
    assertThat(BenchOptions.parse(List.of("--pairs", "7", "--case", "map")))
        .extracting(BenchOptions::pairs, BenchOptions::caseFilter)
        .containsExactly(7, "map");
    assertThatThrownBy(() -> BenchOptions.parse(List.of("--pairs", "0")))
        .hasMessageContaining("--pairs needs a number of at least 1");
    assertThatThrownBy(() -> BenchOptions.parse(List.of("--nothing")))
        .hasMessageContaining("no option '--nothing'");
  }
}
