package dev.forkyard.examples.wordcount;

import dev.forkyard.client.Lease;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.RemoteQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sums up what the workers counted: a function that runs in a process of its own.
 *
 * <p>It may be killed at any time. It acknowledges results only when the sum that has them is in
 * the pipe, so results without a sum go back to the queue and the next collector gets them. Results
 * whose sum was sent and that were not yet acknowledged come again too; the next collector is told
 * which files are in sums and counts those no more.
 */
public final class Collector {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int MOST_RESULTS = 10;
  private static final int MOST_WORDS = 20_000;

  private Collector() {}

  /**
   * Sums up results until the queue has ended.
   *
   * @param results where the results are
   * @param sums where the sums go
   * @param counted numbers of the files that are in earlier sums
   * @throws InterruptedException if interrupted
   */
  public static void collect(
      RemoteQueue<FileWords> results, PipeEnd<Sum> sums, Set<Integer> counted)
      throws InterruptedException {
    Set<Integer> known = new HashSet<>(counted);
    for (List<Lease<FileWords>> leases = lease(results);
        !leases.isEmpty();
        leases = lease(results)) {
      send(leases, sums, known);
      leases.forEach(Lease::ack);
    }
  }

  /** Sends one sum of the results whose files are not yet known, which they are then. */
  static void send(List<Lease<FileWords>> leases, PipeEnd<Sum> sums, Set<Integer> known)
      throws InterruptedException {
    List<Integer> files = new ArrayList<>();
    Map<String, Long> counts = new HashMap<>();
    long words = 0;
    for (Lease<FileWords> lease : leases) {
      FileWords result = lease.value();
      if (known.add(result.file())) {
        files.add(result.file());
        words += result.words();
        result.counts().forEach((word, times) -> counts.merge(word, times, Long::sum));
      }
    }
    if (!files.isEmpty()) {
      sums.send(new Sum(files, words, counts));
    }
  }

  /** Waits for results and leases those that are there; none when the queue has ended. */
  static List<Lease<FileWords>> lease(RemoteQueue<FileWords> results) throws InterruptedException {
    List<Lease<FileWords>> leases = new ArrayList<>();
    int words = 0;
    try {
      while (leases.size() < MOST_RESULTS && words < MOST_WORDS) {
        var next = results.lease(leases.isEmpty() ? LONG : Duration.ZERO);
        if (next.isPresent()) {
          leases.add(next.get());
          words += next.get().value().counts().size();
        } else if (!leases.isEmpty()) {
          break;
        }
      }
    } catch (QueueEndedException e) {
      // what was leased before is the last
    }
    return leases;
  }
}
