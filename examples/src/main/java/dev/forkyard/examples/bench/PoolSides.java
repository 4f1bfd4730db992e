package dev.forkyard.examples.bench;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.ProcessPool;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Our sides of the cases of pools, each made like the function of peer.py of its case. */
final class PoolSides {
  private static final int WORKERS = 2;

  private PoolSides() {}

  /** One measurement of a pool. */
  private interface PoolWork {
    void run(ProcessPool pool) throws Exception;
  }

  /** Maps integers in chunks of the default size. */
  static Side map(Forkyard yard, int operations) {
    List<Integer> numbers = numbers(operations);
    return pool(yard, pool -> Side.check(pool.map(Side::same, numbers).size(), operations));
  }

  /** Maps integers one by one. */
  static Side mapOneByOne(Forkyard yard, int operations) {
    List<Integer> numbers = numbers(operations);
    return pool(yard, pool -> Side.check(pool.map(Side::same, numbers, 1).size(), operations));
  }

  /** Maps integers one by one and takes the results as they come. */
  static Side lazyMap(Forkyard yard, int operations) {
    List<Integer> numbers = numbers(operations);
    return pool(
        yard,
        pool -> {
          int count = 0;
          try (PoolResults<Integer> results = pool.imapUnordered(Side::same, numbers)) {
            for (int unused : results) {
              count++;
            }
          }
          Side.check(count, operations);
        });
  }

  /** Makes single calls and then waits for all of them. */
  static Side applyAsync(Forkyard yard, int operations) {
    return pool(
        yard,
        pool -> {
          List<PoolFuture<Integer>> results = new ArrayList<>(operations);
          for (int i = 0; i < operations; i++) {
            results.add(pool.applyAsync(Side::same, i));
          }
          for (PoolFuture<Integer> result : results) {
            int unused = result.get();
          }
        });
  }

  /** Makes single calls one after the other; what is answered is as if each took the median. */
  static Side apply(Forkyard yard, int operations) {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(WORKERS));
    return Side.ofMedian(
        operations, number -> Side.check(pool.apply(Side::same, number), number), pool::close);
  }

  private static Side pool(Forkyard yard, PoolWork work) {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(WORKERS));
    return Side.of(() -> work.run(pool), pool::close);
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
