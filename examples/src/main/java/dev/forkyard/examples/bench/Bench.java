package dev.forkyard.examples.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.forkyard.client.Forkyard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The benchmark as a command: {@code bench [--pairs N] [--case TEXT] [--out FILE]}.
 *
 * <p>Both sides of a case stand ready, each in processes of its own, and are measured in turns: one
 * pair to warm up, then so many pairs. A ratio is formed within each pair, since the machine may
 * change its speed between them.
 */
public final class Bench {
  private static final int MISUSED = 2;
  private static final List<BenchCase> CASES =
      List.of(
          new BenchCase("queue 1P1C 100 B, sender", 50_000, 4.0, QueueSides::sender, "queue"),
          new BenchCase("queue 1P1C 100 B, batches", 50_000, 12.0, QueueSides::batches, "queue"),
          new BenchCase(
              "queue 1P1C 10 KiB, sender", 5_000, 1.0, QueueSides::largeItems, "large_queue"),
          new BenchCase("queue 4P4C 100 B, sender", 20_000, 4.0, QueueSides::manyToMany, "queue4"),
          new BenchCase("queue ping-pong at p50", 1_000, 1.0, QueueSides::pingPong, "ping"),
          new BenchCase(
              "confirmed put / Manager()", 5_000, 2.0, QueueSides::confirmed, "managed_queue"),
          new BenchCase(
              "ping-pong p50 / Manager()", 500, 1 / 0.4, QueueSides::pingPong, "managed_ping"),
          new BenchCase("cycle / Redis", 10_000, 3.0, QueueSides::cycle, "redis")
              .needing("redis-server"),
          new BenchCase("cycle / beanstalkd", 10_000, 3.0, QueueSides::cycle, "beanstalkd")
              .needing("beanstalkd"),
          new BenchCase("pipe one way 100 B", 10_000, 3.0, PipeSides::oneWay, "pipe"),
          new BenchCase("pipe one way 64 KiB", 1_000, 0.7, PipeSides::oneWayLarge, "large_pipe"),
          new BenchCase("pipe round trip at p50", 1_000, 1 / 2.5, PipeSides::roundTrip, "trip"),
          new BenchCase("pool.map of 100,000 ints", 100_000, 1.0, PoolSides::map, "map"),
          new BenchCase("pool.map, chunk size 1", 20_000, 5.0, PoolSides::mapOneByOne, "map1"),
          new BenchCase("imapUnordered, chunk size 1", 20_000, 5.0, PoolSides::lazyMap, "imap1"),
          new BenchCase("applyAsync", 20_000, 5.0, PoolSides::applyAsync, "apply_async"),
          new BenchCase("apply, calls/s at p50", 2_000, 1 / 0.6, PoolSides::apply, "apply"),
          new BenchCase("warm function process", 1, 1.0, ProcessSides::functions, "fork"),
          new BenchCase("60 function processes", 60, 0.8, ProcessSides::functions, "spawn"),
          new BenchCase("start + wait of /bin/true", 300, 1.0, ProcessSides::start, "start"));

  private final BenchOptions options;
  private final Optional<String> python;

  private Bench(BenchOptions options, Optional<String> python) {
    this.options = options;
    this.python = python;
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments the options
   */
  public static void main(String[] arguments) throws Exception {
    BenchOptions options;
    try {
      options = BenchOptions.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("forkyard: " + e.getMessage() + "\n" + BenchOptions.USAGE);
      System.exit(MISUSED);
      return;
    }
    if (options.help()) {
      System.out.println(BenchOptions.USAGE);
      return;
    }
    new Bench(options, PythonSide.find()).run();
  }

  private void run() throws Exception {
    List<BenchCase> chosen =
        CASES.stream().filter(one -> one.name().contains(options.caseFilter())).toList();
    if (chosen.isEmpty()) {
      System.err.println("forkyard: no case has '" + options.caseFilter() + "' in its name");
      System.exit(MISUSED);
    }
    System.out.println(
        "Forkyard against Python's multiprocessing and others, medians of "
            + options.pairs()
            + " pairs");
    System.out.printf(
        Locale.ROOT,
        "%-28s %12s %12s %7s %14s  %s%n",
        "operations/s",
        "ours",
        "peer",
        "ratio",
        "min..max",
        "goal");
    List<Result> results = new ArrayList<>();
    try (Forkyard yard = Forkyard.startLocal()) {
      for (BenchCase one : chosen) {
        Optional<String> missing = missing(one);
        if (missing.isPresent()) {
          System.out.println(one.name() + ": SKIPPED, there is no " + missing.get());
        } else {
          results.add(compare(yard, one, python.orElseThrow()));
          print(results.get(results.size() - 1));
        }
      }
    }
    write(results);
  }

  /** What this machine does not have of what the peer needs. */
  private Optional<String> missing(BenchCase one) {
    if (python.isEmpty()) {
      return Optional.of("Python 3 on the PATH");
    }
    String needed = one.needs();
    return needed == null || Programs.find(needed)
        ? Optional.empty()
        : Optional.of(needed + " on the PATH");
  }

  private Result compare(Forkyard yard, BenchCase one, String python) throws Exception {
    double[] ours = new double[options.pairs()];
    double[] peer = new double[options.pairs()];
    try (Side ourSide = one.ours().make(yard, one.operations());
        Side peerSide = new PythonSide(python, one.peer(), one.operations())) {
      ourSide.measure();
      peerSide.measure();
      for (int pair = 0; pair < options.pairs(); pair++) {
        ours[pair] = one.operations() / ourSide.measure();
        peer[pair] = one.operations() / peerSide.measure();
      }
    }
    return Result.of(one, ours, peer);
  }

  private static void print(Result result) {
    System.out.printf(
        Locale.ROOT,
        "%-28s %,12.0f %,12.0f %7.2f %14s  %s%n",
        result.name(),
        result.ours(),
        result.peer(),
        result.ratio(),
        String.format(Locale.ROOT, "%.2f..%.2f", result.min(), result.max()),
        verdict(result));
  }

  private static String verdict(Result result) {
    if (result.goal() == null || result.reached() == null) {
      return "-";
    }
    return String.format(
        Locale.ROOT, "%.1f %s", result.goal(), result.reached() ? "reached" : "NOT reached");
  }

  private void write(List<Result> results) throws IOException {
    Path file = options.out().toAbsolutePath();
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(file.toFile(), Map.of("cases", results));
    System.out.println("Written to " + file);
  }
}
