package dev.forkyard.server.pool;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.session.Session;
import dev.forkyard.server.worker.Assignment;
import dev.forkyard.server.worker.Results;
import dev.forkyard.server.worker.WorkerDeath;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import dev.forkyard.server.worker.WorkerLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The way of calls through a pool: from their runs to workers, and their outcomes back. Guarded by
 * the pool's lock.
 *
 * <p><b>Fairness.</b> Runs take turns, one chunk each.
 */
final class Dispatcher {
  private final PoolLife life;
  private final Crew crew;
  private final int retryLost;
  private final Backlog backlog = new Backlog();
  private final Tally tally = new Tally();

  Dispatcher(PoolLife life, Crew crew, int retryLost) {
    this.life = life;
    this.crew = crew;
    this.retryLost = retryLost;
  }

  void enter(TaskRun run) {
    backlog.enter(run);
  }

  void submit(Chunk chunk, Afterwards after) {
    chunk.run.open++;
    if (chunk.run.cancelled) {
      drop(chunk, after);
    } else if (!life.isRunning()) {
      fail(chunk, life.whyNotRunning(), after);
    } else {
      backlog.addLast(chunk);
    }
  }

  /** Drops what a run has queued, and tells it nothing any more. */
  void cancel(TaskRun run, Afterwards after) {
    run.cancelled = true;
    for (Chunk chunk : backlog.drain(run)) {
      drop(chunk, after);
    }
    backlog.leave(run);
  }

  void finishIfDone(TaskRun run, Afterwards after) {
    if (run.noMore && run.open == 0 && run.telling == 0 && backlog.leave(run)) {
      after.add(run.sink::finished);
    }
  }

  /** Gives queued chunks to workers that want some. */
  void assign(Afterwards after) {
    long now = System.nanoTime();
    for (Slot slot = crew.wanting(now); slot != null; slot = crew.wanting(now)) {
      Chunk chunk = backlog.next();
      if (chunk == null) {
        return;
      }
      assign(slot, chunk, now, after);
    }
  }

  private void assign(Slot slot, Chunk chunk, long now, Afterwards after) {
    tally.assigned += chunk.unanswered();
    int number = slot.assign(chunk, now);
    ChunkRequest request = chunk.request;
    Assignment assignment =
        new Assignment(
            number, request.function(), chunk.answered, request.count(), request.arguments());
    Session session = Objects.requireNonNull(slot.session);
    WorkerLink link = Objects.requireNonNull(slot.link);
    after.add(
        () -> {
          chunk.hold.shareWith(session);
          link.assign(assignment);
        });
  }

  void results(Slot slot, Results results, Afterwards after) {
    Chunk chunk = slot.assigned.get(results.number());
    if (chunk == null
        || results.first() != chunk.answered
        || results.count() > chunk.unanswered()) {
      return; // told twice: over the connection and in the journal
    }
    answered(slot, chunk, results.count());
    tally.done += results.count();
    chunk.tellResults(results, after);
    endIfDone(slot, results.number(), chunk, after);
  }

  void failed(Slot slot, int number, int index, Failure what, Afterwards after) {
    Chunk chunk = slot.assigned.get(number);
    if (chunk == null || index != chunk.answered) {
      return;
    }
    Failure told = what.in(slot.processId(), chunk.crashes + 1);
    answered(slot, chunk, 1);
    tellFailure(chunk, index, told, after);
    endIfDone(slot, number, chunk, after);
  }

  private void answered(Slot slot, Chunk chunk, int calls) {
    chunk.answer(calls);
    slot.callsAnswered(calls);
    tally.assigned -= calls;
    crew.worked();
  }

  private void tellFailure(Chunk chunk, int index, Failure what, Afterwards after) {
    tally.failed++;
    chunk.tellFailure(index, what, after);
  }

  private void endIfDone(Slot slot, int number, Chunk chunk, Afterwards after) {
    if (chunk.isDone()) {
      slot.chunkDone(number, System.nanoTime());
      drop(chunk, after);
    }
  }

  /** A chunk needs nothing more. */
  private void drop(Chunk chunk, Afterwards after) {
    after.add(chunk.hold::release);
    TaskRun run = chunk.run;
    run.open--;
    if (!run.cancelled) {
      after.add(run.sink::chunkDone);
      finishIfDone(run, after);
    }
  }

  /**
   * Puts what a dead worker had back to the front, in order; only the call that was running is to
   * blame.
   */
  void takeBack(Slot slot, WorkerDeath death, Afterwards after) {
    RunningCall running = death.running();
    List<Chunk> left = new ArrayList<>();
    slot.assigned.forEach(
        (number, chunk) -> {
          if (running != null && running.number() == number && running.index() == chunk.answered) {
            blame(slot, chunk, death, after);
          }
          left.add(chunk);
        });
    slot.assigned.clear();
    for (int i = left.size() - 1; i >= 0; i--) {
      giveBack(left.get(i), after);
    }
  }

  private void blame(Slot slot, Chunk chunk, WorkerDeath death, Afterwards after) {
    chunk.crashes++;
    if (chunk.crashes <= retryLost) {
      return;
    }
    Failure lost =
        Failure.of(
                Kind.WORKER_LOST, "The worker died while it ran the call: " + death.inWords() + ".")
            .in(slot.processId(), chunk.crashes)
            .withEvidence(death.inWords(), death.stderrTail());
    tellFailure(chunk, chunk.answered, lost, after);
    tally.assigned--;
    chunk.answer(1);
  }

  private void giveBack(Chunk chunk, Afterwards after) {
    tally.assigned -= chunk.unanswered();
    if (chunk.isDone() || chunk.run.cancelled) {
      drop(chunk, after);
    } else if (!life.isRunning()) {
      fail(chunk, life.whyNotRunning(), after);
    } else {
      backlog.addFirst(chunk);
    }
  }

  private void fail(Chunk chunk, Failure why, Afterwards after) {
    tally.failed += chunk.unanswered();
    chunk.tellFailureOfTheRest(why, after);
    chunk.answered = chunk.request.count();
    drop(chunk, after);
  }

  /** Every call that is not answered fails, because the pool runs no more. */
  void failAll(Afterwards after) {
    for (Chunk chunk : backlog.drainAll()) {
      fail(chunk, life.whyNotRunning(), after);
    }
    for (Slot slot : crew.slots()) {
      slot.assigned.values().forEach(chunk -> giveBack(chunk, after));
      slot.assigned.clear();
    }
  }

  PoolCounts counts() {
    return tally.counts(backlog.calls(), crew.lost());
  }
}
