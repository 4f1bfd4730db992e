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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Lets submissions in one after the other while the pool has room. What waits is bounded in bytes.
 * Thread-safe.
 *
 * <p>One thread at a time looks who can have room; others only tell it to look once more.
 */
final class TaskAdmission {
  private static final Logger log = Logger.getLogger(TaskAdmission.class.getName());

  /** The most that may wait, besides a submission that waits alone. */
  static final long MOST_BYTES = 64L << 20;

  /** About what a call takes besides its arguments. */
  private static final int CALL_BYTES = 200;

  private final TaskRun run;
  private final Function<TaskSubmission, List<String>> accept;
  private final Waiters<Waiting> waiting;
  private final AtomicLong waitingBytes = new AtomicLong();

  /** How many submissions have come. */
  private final AtomicLong entered = new AtomicLong();

  /** How often somebody is to look who can have room. */
  private final AtomicInteger looks = new AtomicInteger();

  /** Whether the pool told of room, and nobody was let in since. */
  private volatile boolean roomTold;

  /**
   * A submission that wants to be let in.
   *
   * @param place in the order of their coming
   * @param patient whether it waits while there is no room
   */
  private record Waiting(
      TaskSubmission submission,
      Reply<List<String>> reply,
      long place,
      long bytes,
      boolean patient) {}

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
   * @throws Fault POOL_FULL when too many bytes wait already; TOO_MANY_WAITERS
   */
  void enter(TaskSubmission submission, @Nullable Duration timeout, Reply<List<String>> reply) {
    boolean patient = !Timeouts.isZero(timeout);
    Waiting one =
        new Waiting(submission, reply, entered.incrementAndGet(), bytes(submission), patient);
    Waiters.Wait wait = park(one, patient ? timeout : null);
    look();
    if (patient) {
      reply.whenGone(wait::cancel);
    }
  }

  private static long bytes(TaskSubmission submission) {
    return submission.arguments().stream().mapToLong(one -> CALL_BYTES + one.sizeBytes()).sum();
  }

  private Waiters.Wait park(Waiting one, @Nullable Duration timeout) {
    long all = waitingBytes.addAndGet(one.bytes());
    try {
      if (all > MOST_BYTES && all > one.bytes()) {
        throw tooManyBytes();
      }
      return waiting.park(one, timeout, how -> gaveUp(one, how));
    } catch (Fault refused) {
      left(one);
      throw refused;
    }
  }

  private void gaveUp(Waiting one, GaveUp how) {
    left(one);
    one.reply().refuse(how == GaveUp.CANCELLED ? gone() : full());
  }

  private void left(Waiting one) {
    waitingBytes.addAndGet(-one.bytes());
  }

  private static Fault tooManyBytes() {
    return new Fault(
            Reason.POOL_FULL,
            "More than "
                + MOST_BYTES
                + " bytes of submissions wait for room in the pool already; nothing was submitted."
                + " Submit again later.")
        .with("limit", MOST_BYTES);
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
    roomTold = true;
    look();
  }

  private void look() {
    if (looks.getAndIncrement() > 0) {
      return;
    }
    do {
      try {
        lookOnce();
      } catch (RuntimeException bug) {
        log.log(Level.SEVERE, "submissions could not be let in", bug);
      }
    } while (looks.decrementAndGet() > 0);
  }

  private void lookOnce() {
    if (roomTold) {
      roomTold = false;
      letIn();
    }
    if (waiting.isEmpty()) {
      return;
    }
    long last = entered.get();
    run.whenRoom(this::room);
    if (!roomTold) {
      // only those who came before it was found out that there is none
      refuse(waiting.claimAllIf(one -> !one.patient() && one.place() <= last));
    }
  }

  private void refuse(List<Waiting> impatient) {
    impatient.forEach(
        one -> {
          left(one);
          one.reply().refuse(full());
        });
  }

  private void letIn() {
    Waiting first = waiting.claimFirstIf(any -> true);
    if (first == null) {
      return;
    }
    left(first);
    try {
      first.reply().answer(accept.apply(first.submission()));
    } catch (Fault refused) {
      first.reply().refuse(refused);
    } catch (RuntimeException bug) {
      log.log(Level.SEVERE, "a submission could not be let in", bug);
      first.reply().refuse(failed());
    }
  }

  private static Fault failed() {
    return new Fault(
        Reason.INTERNAL,
        "The daemon failed to carry this out; its log says why. Please report it.");
  }
}
