package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.worker.Results;
import org.jspecify.annotations.Nullable;

/**
 * A chunk on its way through the pool; guarded by the lock of the pool. Calls are answered in their
 * order, so one number tells which are.
 */
final class Chunk {
  final ChunkRequest request;
  final Hold hold;
  final TaskRun run;

  /** Its place among the queued chunks of its run. */
  long place;

  /** The worker that has it, as this assignment; null while it is queued. */
  @Nullable Slot slot;

  int assignment;

  /** Calls answered, and so the index of the first that is not. */
  int answered;

  /** How often the first unanswered call was running when its worker died. */
  int crashes;

  /** How often it was running when its worker, stopped for another call, ended. */
  int spared;

  /** How often its worker died with it as the next, before it began. */
  int unbegun;

  /** Calls that have not begun are given up. */
  boolean cancelled;

  /** The call that runs is given up, too. */
  boolean cancelsRunning;

  Chunk(ChunkRequest request, Hold hold, TaskRun run) {
    this.request = request;
    this.hold = hold;
    this.run = run;
  }

  int unanswered() {
    return request.count() - answered;
  }

  boolean isDone() {
    return unanswered() == 0;
  }

  void answer(int calls) {
    answered += calls;
    crashes = 0;
    spared = 0;
    unbegun = 0;
  }

  /** How often the first unanswered call was started by workers that are dead. */
  int lostAttempts() {
    return crashes + spared;
  }

  /** Tells the client of calls that returned. */
  void tellResults(Results results, Afterwards after) {
    run.tell(
        after,
        sink -> {
          run.give(results.payload());
          sink.results(request.number(), results.first(), results.count(), results.payload());
        });
  }

  /** Tells the client of a call that failed. */
  void tellFailure(int index, Failure failure, Afterwards after) {
    run.tell(after, sink -> sink.failure(request.number(), index, failure));
  }

  /** Tells the client that every call that is not answered failed. */
  void tellFailureOfTheRest(Failure failure, Afterwards after) {
    int first = answered;
    int count = unanswered();
    run.tell(after, sink -> sink.failures(request.number(), first, count, failure));
  }
}
