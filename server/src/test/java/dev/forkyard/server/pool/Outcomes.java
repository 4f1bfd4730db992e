package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import java.util.ArrayList;
import java.util.List;

/** Writes down what it is told. */
final class Outcomes implements OutcomeSink {
  final List<String> told = new ArrayList<>();
  final List<Failure> failures = new ArrayList<>();

  /** Happens while the next results are told. */
  Runnable duringResults = () -> {};

  @Override
  public void results(int chunk, int first, int count, Payload results) {
    Runnable action = duringResults;
    duringResults = () -> {};
    action.run();
    told.add("results " + chunk + " " + first + "+" + count);
  }

  @Override
  public void failure(int chunk, int index, Failure failure) {
    told.add(failure.kind() + " " + chunk + " " + index);
    failures.add(failure);
  }

  @Override
  public void chunkDone() {}

  @Override
  public void finished() {
    told.add("finished");
  }
}
