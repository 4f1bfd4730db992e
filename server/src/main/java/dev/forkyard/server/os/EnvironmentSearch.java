package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Finds living processes by what was in their environment when they were started. Searches that
 * wait at the same time share one pass over {@code /proc}. Thread-safe.
 */
final class EnvironmentSearch {
  private final Executor scanner;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Map<String, Search> waiting = new HashMap<>();

  /** What one entry is looked for. */
  private record Search(List<Integer> found, CompletableFuture<List<Integer>> answer) {
    Search() {
      this(new ArrayList<>(), new CompletableFuture<>());
    }
  }

  /**
   * @param scanner runs the passes; one that is closed means that nothing is found
   */
  EnvironmentSearch(Executor scanner) {
    this.scanner = scanner;
  }

  /** Pids of those that have this raw {@code NAME=value}; completed on the scanner. */
  CompletableFuture<List<Integer>> carriers(String entry) {
    Search search;
    boolean first;
    synchronized (lock) {
      first = waiting.isEmpty();
      search = waiting.computeIfAbsent(entry, any -> new Search());
    }
    if (first) {
      try {
        scanner.execute(() -> pass(take()));
      } catch (RejectedExecutionException closed) {
        answer(take());
      }
    }
    return search.answer();
  }

  private Map<String, Search> take() {
    synchronized (lock) {
      Map<String, Search> taken = waiting;
      waiting = new HashMap<>();
      return taken;
    }
  }

  private static void pass(Map<String, Search> searches) {
    try {
      for (int pid : ProcFs.pids()) {
        for (String entry : ProcFs.environment(pid)) {
          Search search = searches.get(entry);
          if (search != null) {
            search.found().add(pid);
          }
        }
      }
    } finally {
      answer(searches);
    }
  }

  private static void answer(Map<String, Search> searches) {
    searches.values().forEach(search -> search.answer().complete(List.copyOf(search.found())));
  }
}
