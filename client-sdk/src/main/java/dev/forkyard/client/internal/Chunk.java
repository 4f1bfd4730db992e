package dev.forkyard.client.internal;

import dev.forkyard.v1.ChunkResults;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.TaskOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Calls that were sent together, and their outcomes as they come in.
 *
 * <p>Outcomes are added by one thread; others read them after {@link #done()} has completed.
 */
public final class Chunk {
  private final int number;
  private final int count;
  private final List<ChunkResults> results = new ArrayList<>(1);
  private final SortedMap<Integer, Failure> failures = new TreeMap<>();
  private final CompletableFuture<Chunk> done = new CompletableFuture<>();
  private int answered;

  Chunk(int number, int count) {
    this.number = number;
    this.count = count;
  }

  int number() {
    return number;
  }

  /** {@return how many calls there are} */
  public int count() {
    return count;
  }

  /**
   * Completes with this chunk, on the thread of the channel, when every call has its outcome.
   *
   * @return this chunk to be
   */
  public CompletableFuture<Chunk> done() {
    return done;
  }

  /** {@return the results of the calls that returned, in no particular order} */
  public List<ChunkResults> results() {
    return results;
  }

  /** {@return the failures by the index of their call} */
  public SortedMap<Integer, Failure> failures() {
    return failures;
  }

  /** Takes an outcome; true when it was the last one. */
  boolean add(TaskOutcome outcome) {
    if (outcome.hasFailure()) {
      failures.put(outcome.getFailure().getIndex(), outcome.getFailure().getFailure());
      answered++;
    } else {
      results.add(outcome.getResults());
      answered += outcome.getResults().getCount();
    }
    return answered >= count;
  }
}
