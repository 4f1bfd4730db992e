package dev.forkyard.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.pool.PoolModel.ModelCall;
import java.util.ArrayList;
import java.util.List;

/** A client of a {@link PoolModel}. */
final class ModelRun implements OutcomeSink {
  private final PoolModel model;
  private final int index;
  private final TaskRun run;
  private final List<List<ModelCall>> chunks = new ArrayList<>();
  private int chunksDone;
  private int finished;
  private boolean noMore;
  private boolean gone;
  private boolean paused;

  ModelRun(PoolModel model, int index, WorkerPool pool) {
    this.model = model;
    this.index = index;
    this.run = pool.newRun(this);
  }

  long callsAtTheDoor() {
    return run.atTheDoor.stream().mapToLong(Chunk::unanswered).sum();
  }

  /** Sends a chunk; false when it has said that it sends no more. */
  boolean submit(int count) {
    if (noMore || gone) {
      return false;
    }
    int number = chunks.size();
    chunks.add(PoolModel.calls(index + "." + number, count));
    model.note("submit " + index + "." + number + " of " + count);
    try {
      run.submit(PoolModel.chunk(index, number, count));
    } catch (RuntimeException refused) {
      chunks.remove(number);
      throw refused;
    }
    return true;
  }

  ModelCall call(int chunk, int call) {
    return chunks.get(chunk).get(call);
  }

  void cancelSome() {
    if (chunks.isEmpty()) {
      return;
    }
    int chunk = model.random.nextInt(chunks.size());
    boolean running = model.chance(2);
    model.note("cancel " + index + "." + chunk + (running ? " running" : ""));
    chunks.get(chunk).forEach(call -> giveUp(call, running));
    run.cancel(chunk, running);
  }

  private static void giveUp(ModelCall call, boolean running) {
    if (call.outcomes == 0) {
      call.cancelled = true;
      call.cancelledRunning |= running;
    }
  }

  void pause() {
    paused = !paused;
    model.note((paused ? "pause " : "go on ") + index);
    run.pause(paused);
  }

  void goAway() {
    model.note("run " + index + " goes away");
    gone = true;
    chunks.forEach(chunk -> chunk.forEach(call -> giveUp(call, true)));
    run.cancel();
  }

  void end() {
    model.note("run " + index + " ends");
    noMore = true;
    run.pause(false);
    run.noMoreChunks();
  }

  void checkEnd() {
    for (List<ModelCall> chunk : chunks) {
      for (ModelCall call : chunk) {
        assertThat(call.outcomes).as("outcomes of %s", call).isLessThanOrEqualTo(1);
        assertThat(gone || call.outcomes == 1).as("an outcome of %s", call).isTrue();
        assertThat(call.begun).as("runs of %s", call).isLessThanOrEqualTo(model.retryLost() + 1);
      }
    }
    if (!gone) {
      assertThat(chunksDone).isEqualTo(chunks.size());
      assertThat(finished).as("ends of run %s", index).isEqualTo(1);
    }
  }

  @Override
  public void results(int chunk, int first, int count, Payload results) {
    for (int i = first; i < first + count; i++) {
      outcome(call(chunk, i));
    }
  }

  @Override
  public void failure(int chunk, int call, Failure failure) {
    outcome(call(chunk, call));
    model.checkFailure(call(chunk, call), failure);
  }

  private void outcome(ModelCall call) {
    assertThat(finished).as("outcome of %s after the end", call).isZero();
    assertThat(++call.outcomes).as("outcomes of %s", call).isEqualTo(1);
  }

  @Override
  public void chunkDone() {
    chunksDone++;
  }

  @Override
  public void finished() {
    assertThat(++finished).isEqualTo(1);
  }
}
