package dev.forkyard.examples.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a case.
 *
 * @param name name of the case
 * @param ours median of our figures
 * @param peer median of the peer's figures
 * @param unit unit of the figures
 * @param better which figures are better, {@code higher} or {@code lower}
 * @param ratio median of ours/peer of each pair
 * @param min the lowest ratio of a pair
 * @param max the highest ratio of a pair
 * @param goal the ratio to reach; null if there is none
 * @param reached whether the ratio is at least the goal; null if there is none
 */
record Result(
    @JsonProperty("case") String name,
    double ours,
    double peer,
    String unit,
    String better,
    double ratio,
    double min,
    double max,
    @Nullable Double goal,
    @Nullable Boolean reached) {

  /** Makes the result of pairs of figures, of which the higher are the better. */
  static Result of(BenchCase what, double[] ours, double[] peer) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, pair -> ours[pair] / peer[pair]);
    double ratio = median(ratios);
    return new Result(
        what.name(),
        median(ours),
        median(peer),
        "operations/s",
        "higher",
        ratio,
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow(),
        what.goal(),
        what.goal() == null ? null : ratio >= what.goal());
  }

  /** The value in the middle, or between the two in the middle. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
