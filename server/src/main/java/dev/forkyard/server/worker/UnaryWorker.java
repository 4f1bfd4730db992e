package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.process.FunctionName;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker that takes and answers one call at a time: splits its assignments. A call runs from when
 * it is taken until it is answered. Thread-safe.
 *
 * <p>Answers are told in the order of the calls, whichever threads they come from.
 */
public final class UnaryWorker implements WorkerLink {

  /** Takes JSON apart, and puts it together. */
  public interface Splitting {
    /**
     * The argument lists of the calls of an assignment, from the first to run on. {@code next}
     * throws a fault where the arguments are malformed or end too early.
     */
    Iterator<Payload> calls(Assignment assignment);

    /**
     * A list of one result.
     *
     * @throws Fault INVALID_ARGUMENT when the result is no JSON
     */
    Payload listOf(Payload result);
  }

  /** A call for the worker. */
  public record Task(String callId, FunctionName function, Payload arguments, int index) {}

  /** What a poll brings: a task, or why there is none. */
  public record Polled(@Nullable Task task, boolean timedOut, boolean drain) {}

  /**
   * What workers of this kind share.
   *
   * @param limit bounds the polls that wait
   */
  public record Polling(Splitting splitting, Scheduler scheduler, WaiterLimit limit) {}

  private static final Polled TIMED_OUT = new Polled(null, true, false);
  private static final Polled DRAIN = new Polled(null, false, true);

  private final Worker worker;
  private final Splitting splitting;
  private final Waiters<Reply<Polled>> polls;
  private final InOrder answers = new InOrder();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private @Nullable SplitAssignment assignment;

  @GuardedBy("lock")
  private @Nullable Task taken;

  @GuardedBy("lock")
  private boolean draining;

  @GuardedBy("lock")
  private boolean ended;

  UnaryWorker(Worker worker, Polling polling) {
    this.worker = worker;
    this.splitting = polling.splitting();
    this.polls = new Waiters<>(polling.scheduler(), polling.limit());
  }

  /** The refusal of a token that is not one. */
  static Fault notKnown() {
    return new Fault(
        Reason.WORKER_NOT_KNOWN,
        "No worker has this token, or it is not worth anything any more; a worker shows that of"
            + " FORKYARD_WORKER_TOKEN, and exits when it is refused.");
  }

  /**
   * Takes the next call, or waits for it.
   *
   * @throws Fault WORKER_NOT_KNOWN, CALL_UNANSWERED, TOO_MANY_WAITERS
   */
  public void poll(@Nullable Duration timeout, Reply<Polled> reply) {
    Polled now;
    Waiters.Wait wait = null;
    synchronized (lock) {
      checkMayPoll();
      now = hasNext() ? next() : Timeouts.isZero(timeout) ? TIMED_OUT : null;
      if (now == null) {
        wait = polls.park(reply, timeout, how -> reply.answer(TIMED_OUT));
      }
    }
    if (now != null) {
      reply.answer(now);
    } else {
      reply.whenGone(Objects.requireNonNull(wait)::cancel);
    }
  }

  @GuardedBy("lock")
  private void checkMayPoll() {
    if (ended) {
      throw notKnown();
    }
    if (taken != null || !polls.isEmpty()) {
      String what = taken == null ? "a poll of this worker" : "call " + taken.callId();
      throw new Fault(
              Reason.CALL_UNANSWERED,
              "A worker takes one call at a time, and "
                  + what
                  + " is not answered; answer it first, or exit if it got lost.")
          .with("call_id", taken == null ? "" : taken.callId());
    }
  }

  @GuardedBy("lock")
  private boolean hasNext() {
    return assignment == null ? draining : assignment.isPrepared();
  }

  @GuardedBy("lock")
  private Polled next() {
    taken = assignment == null ? null : assignment.take();
    return taken == null ? DRAIN : new Polled(taken, false, false);
  }

  /**
   * Answers the call that was taken with its result.
   *
   * @throws Fault WORKER_NOT_KNOWN, CALL_NOT_RUNNING; INVALID_ARGUMENT for a result that is no JSON
   */
  public void complete(String callId, Payload result) {
    Payload results = splitting.listOf(result);
    answer(callId, call -> worker.results(new Results(call.number(), call.index(), 1, results)));
  }

  /**
   * Answers the call that was taken with its failure.
   *
   * @throws Fault WORKER_NOT_KNOWN, CALL_NOT_RUNNING
   */
  public void fail(String callId, Failure failure) {
    answer(callId, call -> worker.failed(call.number(), call.index(), failure));
  }

  private void answer(String callId, Consumer<RunningCall> telling) {
    synchronized (lock) {
      if (ended) {
        throw notKnown();
      }
      RunningCall call = runningCall();
      String running = taken == null ? "" : taken.callId();
      if (call == null || !callId.equals(running)) {
        throw AssignedCalls.notRunning(callId, running);
      }
      taken = null;
      answers.add(() -> telling.accept(call));
      prepare();
    }
    answers.run();
  }

  /** Finds the next call, and forgets an assignment that has none. */
  @GuardedBy("lock")
  private void prepare() {
    if (assignment != null && !assignment.prepare()) {
      assignment = null;
    }
  }

  @GuardedBy("lock")
  private @Nullable RunningCall runningCall() {
    return taken == null || assignment == null
        ? null
        : new RunningCall(assignment.number(), taken.index());
  }

  @Override
  public @Nullable RunningCall running() {
    synchronized (lock) {
      return runningCall();
    }
  }

  @Override
  public void assign(Assignment next) {
    SplitAssignment.NotRun notRun =
        (number, index, failure) -> answers.add(() -> worker.failed(number, index, failure));
    Iterator<Payload> arguments = splitting.calls(next);
    Afterwards after = new Afterwards();
    synchronized (lock) {
      assignment = new SplitAssignment(next, arguments, notRun);
      prepare();
      wake(after);
    }
    after.run();
    answers.run();
  }

  @Override
  public void cancel(int number, int index, boolean running) {
    synchronized (lock) {
      if (assignment != null && assignment.number() == number) {
        assignment.giveUp(index);
        if (taken == null && !assignment.isPrepared()) {
          assignment = null;
        }
      }
    }
    answers.run();
  }

  @Override
  public void drain() {
    Afterwards after = new Afterwards();
    synchronized (lock) {
      draining = true;
      wake(after);
    }
    after.run();
  }

  /** Answers the poll that waits, if there is something to answer. */
  @GuardedBy("lock")
  private void wake(Afterwards after) {
    Reply<Polled> poll = hasNext() ? polls.claimFirstIf(any -> true) : null;
    if (poll != null) {
      Polled next = next();
      after.add(() -> poll.answer(next));
    }
  }

  @Override
  public void close() {
    List<Reply<Polled>> waiting;
    synchronized (lock) {
      ended = true;
      waiting = polls.claimAllIf(any -> true);
    }
    waiting.forEach(poll -> poll.refuse(notKnown()));
  }

  /** The process has ended; the end is passed on after every answer. */
  void processEnded() {
    close();
    answers.add(worker::disconnected);
    answers.run();
  }
}
