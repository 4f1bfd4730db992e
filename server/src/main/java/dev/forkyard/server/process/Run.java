package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.ChildExit;
import dev.forkyard.server.os.Signal;
import dev.forkyard.server.session.Session;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of a process: one child, with a session of its own. Thread-safe; its lock is a leaf below
 * that of the process, which decides when a run begins and ends.
 */
final class Run {
  private final int number;
  private final Session session;
  private final Reply<ProcessSnapshot> reply;

  /** Completes when it runs; exceptionally when it could not be started. */
  private final CompletableFuture<Child> started = new CompletableFuture<>();

  /** Completes with the process as it was right after the end of this run. */
  private final CompletableFuture<ProcessSnapshot> ended = new CompletableFuture<>();

  private final Object lock = new Object();

  @GuardedBy("lock")
  private @Nullable Child child;

  @GuardedBy("lock")
  private @Nullable Instant startTime;

  @GuardedBy("lock")
  private @Nullable ProcessExit exit;

  @GuardedBy("lock")
  private @Nullable StopLadder ladder;

  @GuardedBy("lock")
  private ExitCause cause = ExitCause.SELF;

  @GuardedBy("lock")
  private @Nullable Signal lastSignal;

  @GuardedBy("lock")
  private @Nullable Scheduled timeout;

  /**
   * @param number 1 for the first
   * @param reply who asked for it
   */
  Run(int number, Session session, Reply<ProcessSnapshot> reply) {
    this.number = number;
    this.session = session;
    this.reply = reply;
  }

  int number() {
    return number;
  }

  Session session() {
    return session;
  }

  Reply<ProcessSnapshot> reply() {
    return reply;
  }

  CompletableFuture<Child> started() {
    return started;
  }

  CompletableFuture<ProcessSnapshot> ended() {
    return ended;
  }

  @Nullable Child child() {
    synchronized (lock) {
      return child;
    }
  }

  @Nullable Instant startTime() {
    synchronized (lock) {
      return startTime;
    }
  }

  @Nullable ProcessExit exit() {
    synchronized (lock) {
      return exit;
    }
  }

  void runs(Child newChild, Instant now) {
    synchronized (lock) {
      child = newChild;
      startTime = now;
    }
  }

  /** Does something when its time is over, unless it has ended by then. */
  void onTimeout(Supplier<Scheduled> timer) {
    synchronized (lock) {
      if (exit == null) {
        timeout = timer.get();
      }
    }
  }

  void hasEnded(ProcessExit how) {
    synchronized (lock) {
      exit = how;
      if (timeout != null) {
        timeout.cancel();
      }
    }
  }

  /** Says who makes it end. The first one counts, but for a restart that is called off. */
  void endsBecauseOf(ExitCause why) {
    synchronized (lock) {
      boolean callsOff = cause == ExitCause.RESTART_REQUESTED && why != ExitCause.TIMEOUT;
      if (cause == ExitCause.SELF || callsOff) {
        cause = why;
      }
    }
  }

  /** Why it ended, seen from how it ended. */
  ExitCause causeOf(ChildExit facts) {
    synchronized (lock) {
      boolean signalled =
          lastSignal != null && facts.signal().filter(lastSignal::equals).isPresent();
      return cause == ExitCause.SELF && signalled ? ExitCause.STOP_REQUESTED : cause;
    }
  }

  /** Sends a signal; false when it has ended. */
  CompletableFuture<Boolean> signal(Signal signal, boolean wholeGroup) {
    return started.thenCompose(
        target -> {
          synchronized (lock) {
            lastSignal = signal;
          }
          return wholeGroup
              ? target.signalGroup(signal)
              : CompletableFuture.completedFuture(target.signal(signal));
        });
  }

  /** Ends what is left of its group; completes with the pids that could not be ended. */
  CompletableFuture<List<Integer>> climb(StopLadder next) {
    StopLadder current;
    synchronized (lock) {
      current = ladder == null || ladder.survivors().isDone() ? null : ladder;
      if (current == null) {
        ladder = next;
      }
    }
    if (current == null) {
      next.start();
      return next.survivors();
    }
    current.hurry(next);
    return current.survivors();
  }
}
