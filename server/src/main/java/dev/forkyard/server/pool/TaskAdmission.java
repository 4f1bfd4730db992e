package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lets submissions in one after the other while the pool has room. Thread-safe. */
final class TaskAdmission {
  private final TaskRun run;
  private final Function<TaskSubmission, List<String>> accept;
  private final Waiters<Waiting> waiting;

  /** How often there was room and nobody has looked yet who can have it. */
  private final AtomicInteger rooms = new AtomicInteger();

  private record Waiting(TaskSubmission submission, Reply<List<String>> reply) {}

  /**
   * @param accept gives the calls of a submission to the run, and answers their ids
   */
  TaskAdmission(
      TaskRun run,
      Function<TaskSubmission, List<String>> accept,
      Scheduler scheduler,
      WaiterLimit limit) {
    this.run = run;
    this.accept = accept;
    this.waiting = new Waiters<>(scheduler, limit);
  }

  /**
   * Lets a submission in when it is its turn.
   *
   * @param timeout how long it waits for room; null for ever
   */
  void enter(TaskSubmission submission, @Nullable Duration timeout, Reply<List<String>> reply) {
    boolean waits = !Timeouts.isZero(timeout);
    Waiters.Wait wait =
        waiting.park(
            new Waiting(submission, reply),
            waits ? timeout : null,
            how -> reply.refuse(waits && how == GaveUp.CANCELLED ? gone() : full()));
    run.whenRoom(this::room);
    if (waits) {
      reply.whenGone(wait::cancel);
    } else {
      wait.cancel();
    }
  }

  private static Fault full() {
    return new Fault(
        Reason.POOL_FULL,
        "The pool had no room for the calls in time; nothing was submitted. Wait longer, or submit"
            + " again later.");
  }

  private static Fault gone() {
    return new Fault(Reason.CALL_CANCELLED, "The call was cancelled while it waited for room.");
  }

  /** There is room for a submission. May be told again while it is carried out. */
  private void room() {
    if (rooms.getAndIncrement() > 0) {
      return;
    }
    do {
      letIn();
      if (!waiting.isEmpty()) {
        run.whenRoom(this::room);
      }
    } while (rooms.decrementAndGet() > 0);
  }

  private void letIn() {
    Waiting first = waiting.claimFirstIf(any -> true);
    if (first == null) {
      return;
    }
    try {
      first.reply().answer(accept.apply(first.submission()));
    } catch (Fault refused) {
      first.reply().refuse(refused);
    }
  }
}
