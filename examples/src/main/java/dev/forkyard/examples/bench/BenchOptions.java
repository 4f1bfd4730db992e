package dev.forkyard.examples.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * What the benchmark is told.
 *
 * @param pairs how many pairs are measured after the one that warms up
 * @param caseFilter part of the names of the cases to run; empty for all
 * @param out file for the results
 * @param help whether only the usage is asked for
 */
record BenchOptions(int pairs, String caseFilter, Path out, boolean help) {
  static final String USAGE =
      """
      Usage: forkyard bench [--pairs N] [--case TEXT] [--out FILE]
        --pairs N     measure N pairs after one to warm up; default 5
        --case TEXT   only cases with TEXT in their name
        --out FILE    where the results go as JSON; default target/bench/results.json
      ratio = median over the pairs of ours/Python; more than 1 is in our favour""";

  private static final int DEFAULT_PAIRS = 5;

  /**
   * Reads the options.
   *
   * @throws IllegalArgumentException with a sentence if they make no sense
   */
  static BenchOptions parse(List<String> arguments) {
    int pairs = DEFAULT_PAIRS;
    String filter = "";
    Path out = Path.of(System.getProperty("forkyard.bench.results", "target/bench/results.json"));
    boolean help = false;
    for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
      String option = rest.next();
      switch (option) {
        case "--help", "-h" -> help = true;
        case "--pairs" -> pairs = positive(valueOf(option, rest));
        case "--case" -> filter = valueOf(option, rest);
        case "--out" -> out = Path.of(valueOf(option, rest));
        default -> throw new IllegalArgumentException("there is no option '" + option + "'");
      }
    }
    return new BenchOptions(pairs, filter, out, help);
  }

  private static String valueOf(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return rest.next();
  }

  private static int positive(String number) {
    try {
      int value = Integer.parseInt(number);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "--pairs needs a number of at least 1, not '" + number + "'");
  }
}
