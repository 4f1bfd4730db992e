package dev.forkyard.examples.wordcount;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The words of all files counted so far. Not thread-safe. */
public final class Totals {
  private final Set<Integer> files = new HashSet<>();
  private final Map<String, Long> counts = new HashMap<>();
  private long words;

  /**
   * Adds a sum.
   *
   * @param sum words of files that were not yet counted
   * @throws IllegalArgumentException if a file was counted before
   */
  public void add(Sum sum) {
    for (int file : sum.files()) {
      if (!files.add(file)) {
        throw new IllegalArgumentException("file " + file + " is counted twice");
      }
    }
    words += sum.words();
    sum.counts().forEach((word, times) -> counts.merge(word, times, Long::sum));
  }

  /** {@return the numbers of the files that are counted} */
  public Set<Integer> files() {
    return Set.copyOf(files);
  }

  /** {@return how many files are counted} */
  public int fileCount() {
    return files.size();
  }

  /** {@return how many words they have} */
  public long words() {
    return words;
  }

  /** {@return how often each word is in them} */
  public Map<String, Long> counts() {
    return Map.copyOf(counts);
  }

  /**
   * {@return the most frequent words, the first of them first}
   *
   * @param most how many at most
   */
  public List<Map.Entry<String, Long>> top(int most) {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .toList();
  }

  /**
   * {@return whether the same files were counted, with the same words}
   *
   * @param other other totals
   */
  public boolean sameAs(Totals other) {
    return files.equals(other.files) && words == other.words && counts.equals(other.counts);
  }
}
