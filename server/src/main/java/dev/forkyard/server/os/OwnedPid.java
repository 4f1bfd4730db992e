package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import java.time.Duration;
import java.time.Instant;

/**
 * The pid of a child of this process. Signalling and reaping exclude each other, so that a pid
 * which the kernel has given to somebody else is never signalled.
 */
final class OwnedPid {
  private static final int USAGE_BYTES = 144;
  private static final int SYSTEM_TIME_OFFSET = 16;
  private static final int MAX_RSS_OFFSET = 32;

  private final int pid;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private boolean reaped;

  OwnedPid(int pid) {
    this.pid = pid;
  }

  int pid() {
    return pid;
  }

  /** False when it was reaped before or the kernel refuses. */
  boolean signal(Signal signal) {
    return deliver(pid, signal);
  }

  /** Signals its whole process group; false when it was reaped before or the kernel refuses. */
  boolean signalGroup(Signal signal) {
    return deliver(-pid, signal);
  }

  private boolean deliver(int target, Signal signal) {
    synchronized (lock) {
      return !reaped && Sys.kill(target, signal.number()) == 0;
    }
  }

  boolean reaped() {
    synchronized (lock) {
      return reaped;
    }
  }

  /** Kills the group and waits until the child is gone: for one that nobody was told of. */
  void destroy() {
    signalGroup(Signal.KILL);
    reap();
  }

  /** Takes the exit status; waits for it when it still lives. */
  ChildExit reap() {
    try (Memory usage = new Memory(USAGE_BYTES)) {
      int[] status = new int[1];
      synchronized (lock) {
        int result = Sys.reap(pid, status, usage);
        reaped = true;
        Instant now = Instant.now();
        return result < 0
            ? ChildExit.unknown(now)
            : ChildExit.decode(
                status[0],
                time(usage, 0),
                time(usage, SYSTEM_TIME_OFFSET),
                usage.getLong(MAX_RSS_OFFSET) * 1024,
                now);
      }
    }
  }

  private static Duration time(Memory usage, int offset) {
    return Duration.ofSeconds(usage.getLong(offset))
        .plusNanos(usage.getLong(offset + (long) Long.BYTES) * 1000);
  }
}
