package dev.forkyard.server.pool;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Failure.Kind;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.worker.WorkerDeath;
import java.time.Duration;

/** What pools refuse, and why their calls fail. */
final class PoolFaults {
  private PoolFaults() {}

  static Fault running(String id) {
    return new Fault(
            Reason.POOL_RUNNING,
            "The pool \"" + id + "\" has not ended; terminate it, or close it and wait for it.")
        .with("pool_id", id);
  }

  static Fault closed(String id, PoolState state) {
    return new Fault(
            Reason.POOL_CLOSED, "The pool \"" + id + "\" takes no more calls; create another one.")
        .with("pool_id", id)
        .with("state", state);
  }

  static Fault waitBeforeClose(String id) {
    return new Fault(
            Reason.JOIN_BEFORE_CLOSE,
            "The pool \"" + id + "\" still takes calls; close it before waiting for its end.")
        .with("pool_id", id);
  }

  static Fault waitCancelled(String id) {
    return new Fault(Reason.CALL_CANCELLED, "The call that waited for the pool was cancelled.")
        .with("pool_id", id);
  }

  static Fault numberTaken(int number) {
    return new Fault(
            Reason.BAD_CHUNK,
            "There is a chunk " + number + " that is not answered; give each a number of its own.")
        .with("number", number);
  }

  static Failure terminated(String id) {
    return Failure.of(
        Kind.CANCELLED, "The pool \"" + id + "\" was terminated before the call finished.");
  }

  static Failure cancelled() {
    return Failure.of(Kind.CANCELLED, "The call was cancelled.");
  }

  /** A worker died with a call. */
  static Failure lost(Slot slot, Chunk chunk, WorkerDeath death) {
    return Failure.of(Kind.WORKER_LOST, howItWasLost(slot, chunk, death))
        .in(slot.processId(), chunk.lostAttempts())
        .withEvidence(death.inWords(), death.stderrTail());
  }

  /** Workers died with a call as the next; this is the last of them. */
  static Failure notBegun(Slot slot, Chunk chunk, WorkerDeath death) {
    String end =
        "The worker "
            + slot.processId()
            + " died before it began the call, as "
            + (chunk.unbegun - 1)
            + " before it: "
            + death.inWords()
            + ". The arguments are to be suspected: it is a poison task.";
    return Failure.of(Kind.WORKER_LOST, end + death.blame())
        .in(slot.processId(), chunk.lostAttempts())
        .withEvidence(death.inWords(), death.stderrTail());
  }

  private static String howItWasLost(Slot slot, Chunk chunk, WorkerDeath death) {
    String end =
        "The worker "
            + slot.processId()
            + " died while it ran the call: "
            + death.inWords()
            + (slot.stoppedForACall ? ", because it did not end another call." : ".");
    return chunk.crashes == 1
        ? end + death.blame()
        : end
            + " It was tried "
            + chunk.crashes
            + " times, and its worker died each time: it is a poison task."
            + death.blame();
  }

  /** A call that failed, or whose worker was stopped, after its time was over. */
  static Failure timeout(Failure ended, Duration limit) {
    return ended.as(
        Kind.TIMEOUT, "The call took longer than the pool allows, which is " + words(limit) + ".");
  }

  private static String words(Duration limit) {
    return limit.toMillis() % 1000 == 0
        ? limit.toSeconds() + " s"
        : limit.toNanos() / 1_000_000 + " ms";
  }

  /** Workers fail one after the other; this is the last of them. */
  static Failure givenUp(String id, Slot slot, WorkerDeath death) {
    NotReady why = slot.notReady;
    return why == null ? workersEnd(id, death) : why.failure(id, death);
  }

  static Failure workersDoNotStart(String id, Fault why) {
    return Failure.of(
        Kind.POOL_FAILED,
        "The workers of pool \"" + id + "\" cannot be started. " + why.sentence());
  }

  static Failure workersAreSilent(String id, WorkerDeath death, Duration patience) {
    return Failure.of(
            Kind.POOL_FAILED,
            "The workers of pool \""
                + id
                + "\" do not connect to the daemon within "
                + words(patience)
                + "; give a command that speaks the worker protocol."
                + death.blame())
        .withEvidence(death.inWords(), death.stderrTail());
  }

  private static Failure workersEnd(String id, WorkerDeath death) {
    return Failure.of(
            Kind.POOL_FAILED,
            "The workers of pool \""
                + id
                + "\" end before they are ready for work: "
                + death.inWords()
                + (death.stderrTail().isBlank() ? ", with nothing on standard error." : ".")
                + death.blame())
        .withEvidence(death.inWords(), death.stderrTail());
  }

  static Failure initializerFails(String id, Failure last, WorkerDeath death) {
    return last.as(
            Kind.POOL_FAILED,
            "The initializer of pool \"" + id + "\" fails in its workers: " + last.message())
        .withEvidence("", death.stderrTail());
  }
}
