package dev.forkyard.server.worker;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.worker.UnaryWorker.Task;
import java.util.BitSet;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The calls of an assignment, one after the other. Guarded by the lock of the worker. */
final class SplitAssignment {

  /** Told of calls that are not to be run. */
  interface NotRun {
    void failed(int number, int index, Failure failure);
  }

  private final Assignment assignment;
  private final Iterator<Payload> arguments;
  private final NotRun notRun;
  private final BitSet givenUp = new BitSet();

  /** Index of the call after the prepared one. */
  private int next;

  private @Nullable Task prepared;

  /**
   * @param arguments the argument lists of the calls from the first to run on
   */
  SplitAssignment(Assignment assignment, Iterator<Payload> arguments, NotRun notRun) {
    this.assignment = assignment;
    this.arguments = arguments;
    this.notRun = notRun;
    this.next = assignment.first();
  }

  int number() {
    return assignment.number();
  }

  /** Prepares the next call that was not given up; false when there is none. */
  boolean prepare() {
    while (next < assignment.count()) {
      int index = next++;
      Payload list;
      try {
        list = arguments.next();
      } catch (Fault malformed) {
        failFrom(index, Failure.of(Failure.Kind.DECODE_ERROR, malformed.sentence()));
        break;
      }
      if (!givenUp.get(index)) {
        String callId = assignment.number() + "." + index;
        prepared = new Task(callId, assignment.function(), list, index);
        return true;
      }
      notRun.failed(assignment.number(), index, cancelled());
    }
    prepared = null;
    return false;
  }

  private void failFrom(int first, Failure failure) {
    for (int index = first; index < assignment.count(); index++) {
      notRun.failed(assignment.number(), index, failure);
    }
    next = assignment.count();
  }

  private static Failure cancelled() {
    return Failure.of(Failure.Kind.CANCELLED, "The call was cancelled before it began.");
  }

  boolean isPrepared() {
    return prepared != null;
  }

  /** Hands out the prepared call. */
  @Nullable Task take() {
    Task task = prepared;
    prepared = null;
    return task;
  }

  /**
   * Gives up calls that were not handed out; each fails as cancelled in its turn.
   *
   * @param index the only one that is meant, or {@link WorkerLink#EVERY_CALL}
   */
  void giveUp(int index) {
    int first = prepared == null ? next : prepared.index();
    if (index == WorkerLink.EVERY_CALL) {
      givenUp.set(first, assignment.count());
    } else if (index >= first && index < assignment.count()) {
      givenUp.set(index);
    }
    if (prepared != null && givenUp.get(prepared.index())) {
      notRun.failed(assignment.number(), prepared.index(), cancelled());
      prepare();
    }
  }
}
