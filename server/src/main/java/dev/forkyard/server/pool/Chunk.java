package dev.forkyard.server.pool;

import dev.forkyard.server.session.Hold;

/**
 * A chunk on its way through the pool; guarded by the lock of the pool. Calls are answered in their
 * order, so one number tells which are.
 */
final class Chunk {
  final ChunkRequest request;
  final Hold hold;
  final TaskRun run;

  /** Calls answered, and so the index of the first that is not. */
  int answered;

  /** How often the first unanswered call was running when its worker died. */
  int crashes;

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
  }
}
