package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Timeouts;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.core.Waiters;
import dev.forkyard.server.core.Waiters.GaveUp;
import dev.forkyard.server.core.Waiters.Wait;
import dev.forkyard.server.os.ByteSink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What clients write to the standard input of one run. A write is accepted whole or not at all, in
 * order of the calls; what the process does not read at once is kept, up to a bound, and what does
 * not fit is parked. Thread-safe; one thread at a time writes to the sink.
 */
final class InputBuffer {
  /**
   * Most bytes that are accepted and not written; a single larger write fits when there are none.
   */
  static final int CAPACITY = 256 << 10;

  /** Most bytes of one write. */
  static final int MOST_BYTES = 1 << 20;

  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  private record Write(byte[] bytes, Reply<Long> reply) {}

  private final String processId;
  private final ByteSink sink;
  private final InputBudget budget;
  private final Waiters<Write> waiters;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ByteQueue accepted = new ByteQueue();

  @GuardedBy("lock")
  private long acceptedBytes;

  /** How many of the accepted bytes the sink took. */
  @GuardedBy("lock")
  private long takenBytes;

  /** Somebody is writing the first bytes to the sink. */
  @GuardedBy("lock")
  private boolean writing;

  /** The sink will tell when there is room. */
  @GuardedBy("lock")
  private boolean waitingForRoom;

  /** Why nothing is accepted any more; null while something is. */
  @GuardedBy("lock")
  private @Nullable InputEnd end;

  /** The sink takes nothing any more. */
  @GuardedBy("lock")
  private boolean dead;

  InputBuffer(
      String processId, ByteSink sink, InputBudget budget, Scheduler scheduler, WaiterLimit limit) {
    this.processId = processId;
    this.sink = sink;
    this.budget = budget;
    this.waiters = new Waiters<>(scheduler, limit);
  }

  /**
   * Writes; answers how many bytes this run has accepted, these included.
   *
   * @param timeout how long to wait for room; null for ever
   * @throws Fault INPUT_CLOSED, INPUT_FULL, TOO_MANY_WAITERS or BATCH_TOO_LARGE; nothing is written
   *     then
   */
  void write(byte[] bytes, @Nullable Duration timeout, Reply<Long> reply) {
    check(bytes);
    budget.take(processId, bytes.length);
    Write write = new Write(bytes, reply);
    Wait wait;
    long total;
    try {
      synchronized (lock) {
        wait = acceptOrPark(write, timeout);
        total = acceptedBytes;
      }
    } catch (Fault refused) {
      budget.giveBack(bytes.length);
      throw refused;
    }
    if (wait == null) {
      moveSome();
      answer(write, total);
    } else {
      reply.whenGone(wait::cancel);
    }
  }

  /**
   * Looks at the size of a write.
   *
   * @throws Fault BATCH_TOO_LARGE
   */
  static void check(byte[] bytes) {
    if (bytes.length > MOST_BYTES) {
      throw InputFaults.tooLarge(bytes.length, MOST_BYTES);
    }
  }

  /** Accepts a write, or parks it and answers its wait. */
  @GuardedBy("lock")
  private @Nullable Wait acceptOrPark(Write write, @Nullable Duration timeout) {
    if (end != null) {
      throw InputFaults.closed(processId, end);
    }
    if (waiters.isEmpty() && fits(accepted.size(), write)) {
      accept(write);
      return null;
    }
    if (Timeouts.isZero(timeout)) {
      throw InputFaults.full(processId, CAPACITY);
    }
    return waiters.park(write, timeout, how -> gaveUp(write, how));
  }

  private static boolean fits(int held, Write write) {
    return held == 0 || held + write.bytes().length <= CAPACITY;
  }

  @GuardedBy("lock")
  private void accept(Write write) {
    accepted.add(write.bytes());
    acceptedBytes += write.bytes().length;
  }

  /**
   * Answers a write that was tried at once, and may have found nobody who reads. One of which the
   * sink took something was written, whatever came after that.
   */
  private void answer(Write write, long total) {
    InputEnd nobodyReads;
    synchronized (lock) {
      boolean untouched = takenBytes <= total - write.bytes().length;
      nobodyReads = dead && untouched ? end : null;
    }
    if (nobodyReads == null) {
      write.reply().answer(total);
    } else {
      write.reply().refuse(InputFaults.closed(processId, nobodyReads));
    }
  }

  private void gaveUp(Write write, GaveUp how) {
    budget.giveBack(write.bytes().length);
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      settle(afterwards); // a smaller one behind it may fit
    }
    write
        .reply()
        .refuse(
            how == GaveUp.TIMED_OUT
                ? InputFaults.full(processId, CAPACITY)
                : ProcessFaults.cancelled(processId));
    afterwards.run();
    moveSome();
  }

  /** Accepts parked writes as far as they fit. */
  @GuardedBy("lock")
  private void settle(Afterwards afterwards) {
    while (true) {
      int held = accepted.size();
      Write next = waiters.claimFirstIf(first -> fits(held, first));
      if (next == null) {
        return;
      }
      accept(next);
      long total = acceptedBytes;
      afterwards.add(() -> next.reply().answer(total));
    }
  }

  /** Writes once to the sink, unless somebody is doing that or there is no room. */
  private void moveSome() {
    ByteQueue.Range first;
    synchronized (lock) {
      first = writing || waitingForRoom ? null : accepted.first();
      writing = writing || first != null;
    }
    if (first != null) {
      int count = sink.write(first.bytes(), first.offset(), first.length());
      Afterwards afterwards = new Afterwards();
      synchronized (lock) {
        moved(count, afterwards);
      }
      afterwards.run();
    }
  }

  @GuardedBy("lock")
  private void moved(int count, Afterwards afterwards) {
    writing = false;
    takenBytes += Math.max(count, 0);
    if (dead) {
      return; // what is counted below was given back
    }
    if (count < 0) {
      die(InputEnd.NOT_READ, afterwards);
      return;
    }
    if (count > 0) {
      accepted.removeFirst(count);
      budget.giveBack(count);
      settle(afterwards);
    }
    if (!accepted.isEmpty()) {
      waitingForRoom = true;
      afterwards.add(() -> sink.onWritable(this::roomAgain));
    } else if (end != null) {
      afterwards.add(sink::close);
    }
  }

  private void roomAgain() {
    synchronized (lock) {
      waitingForRoom = false;
    }
    moveSome();
  }

  /** Ends the input after what was accepted; false when it had ended before. */
  boolean close() {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      if (end != null) {
        return false;
      }
      refuseAll(InputEnd.CLOSED, afterwards);
      if (accepted.isEmpty()) {
        afterwards.add(sink::close);
      }
    }
    afterwards.run();
    return true;
  }

  /** The run has ended; what it did not read is lost. */
  void processEnded() {
    Afterwards afterwards = new Afterwards();
    synchronized (lock) {
      die(InputEnd.PROCESS_ENDED, afterwards);
    }
    afterwards.run();
  }

  /** Answers whether it accepts something. */
  boolean isOpen() {
    synchronized (lock) {
      return end == null;
    }
  }

  @GuardedBy("lock")
  private void die(InputEnd how, Afterwards afterwards) {
    if (dead) {
      return;
    }
    dead = true;
    budget.giveBack(accepted.removeAll().length);
    if (end == null) {
      refuseAll(how, afterwards);
    }
    afterwards.add(sink::close);
  }

  @GuardedBy("lock")
  private void refuseAll(InputEnd how, Afterwards afterwards) {
    end = how;
    Fault fault = InputFaults.closed(processId, how);
    for (Write write : waiters.claimAllIf(any -> true)) {
      budget.giveBack(write.bytes().length);
      afterwards.add(() -> write.reply().refuse(fault));
    }
  }
}
