package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The only assignment of a worker without a journal. Its calls are answered in order, so the first
 * that is not answered is the one that runs. Thread-safe.
 */
public final class AssignedCalls {
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int number;

  @GuardedBy("lock")
  private int next;

  @GuardedBy("lock")
  private int count;

  /** Which cancels were told: for each call, and then for all, of waiting ones and of all. */
  @GuardedBy("lock")
  private final BitSet cancels = new BitSet();

  public void assigned(Assignment assignment) {
    synchronized (lock) {
      number = assignment.number();
      next = assignment.first();
      count = assignment.count();
      cancels.clear();
    }
  }

  /**
   * Notes the answer of calls.
   *
   * @throws Fault CALL_NOT_RUNNING when they are not the next
   */
  public void answered(int itsNumber, int first, int calls) {
    synchronized (lock) {
      String running = next == count ? "" : number + "." + next;
      if (running.isEmpty() || itsNumber != number || first != next) {
        throw notRunning(itsNumber + "." + first, running);
      }
      if (calls < 1 || calls > count - next) {
        throw otherCount(calls, count - next, running);
      }
      next += calls;
    }
  }

  /**
   * Whether a cancel is worth telling: it is about calls that are not answered, and was not told
   * before. So a worker that does not read is told a bounded number of them.
   *
   * @param index the only call that is meant, or {@link WorkerLink#EVERY_CALL}
   */
  public boolean isNewCancel(int itsNumber, int index, boolean running) {
    synchronized (lock) {
      int call = index == WorkerLink.EVERY_CALL ? count : index;
      if (itsNumber != number || next == count || call < next || call > count) {
        return false;
      }
      int cancel = 2 * call + (running ? 1 : 0);
      boolean isNew = !cancels.get(cancel);
      cancels.set(cancel);
      return isNew;
    }
  }

  private static Fault otherCount(int calls, int left, String running) {
    return new Fault(
            Reason.CALL_NOT_RUNNING,
            "The worker answered "
                + calls
                + " calls from "
                + running
                + " on, but 1 to "
                + left
                + " of this assignment can be answered; send one result for each call.")
        .with("count", calls)
        .with("left", left)
        .with("running", running);
  }

  /** The refusal of an answer to another call than the one that runs. */
  static Fault notRunning(String answered, String running) {
    String which = running.isEmpty() ? "no call runs" : "the call that runs is " + running;
    return new Fault(
            Reason.CALL_NOT_RUNNING,
            "The worker answered call "
                + answered
                + ", but "
                + which
                + "; answer calls in their order, each once.")
        .with("call_id", answered)
        .with("running", running);
  }

  /** The call that runs; null when all are answered. */
  public @Nullable RunningCall running() {
    synchronized (lock) {
      return next == count ? null : new RunningCall(number, next);
    }
  }
}
