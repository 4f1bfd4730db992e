package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Takes the exit status of every child that it was told of, on one thread and without a descriptor
 * for each.
 *
 * <p>The thread asks the kernel which child can be waited for and only looks ({@code WNOWAIT}): the
 * status of a child that is not ours, or not ours yet, stays where it is. Such a child is looked at
 * again after a moment, or as soon as it is watched. One that nobody takes stands before others for
 * ever (children of a program that became the daemon, orphans that fall to the first process of a
 * container), so from time to time ours are asked for one by one while it is there.
 */
final class Reaper implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Reaper.class.getName());
  private static final long STRANGER_MILLIS = 5;

  /** There may be thousands. */
  private static final long LOOK_AT_EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private record Watched(OwnedPid child, Consumer<ChildExit> then) {}

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Integer, Watched> living = new HashMap<>();

  @GuardedBy("lock")
  private long changes;

  @GuardedBy("lock")
  private boolean closed;

  /** Starts the thread. */
  Reaper() {
    Children.daemonThread(this::run, "os-reaper").start();
  }

  /** Reports the end of a child, once, on the thread of the reaper. */
  void watch(OwnedPid child, Consumer<ChildExit> then) {
    synchronized (lock) {
      living.put(child.pid(), new Watched(child, then));
      changes++;
      lock.notifyAll();
    }
  }

  private void run() {
    try (Memory info = new Memory(Sys.SIGINFO_BYTES)) {
      long seen = 0;
      long lookedAtEach = System.nanoTime();
      while (awaitChildren()) {
        List<Watched> ended = take(Sys.peekExited(info));
        if (ended.isEmpty() && System.nanoTime() - lookedAtEach > LOOK_AT_EACH_NANOS) {
          ended = lookAtEach(info);
          lookedAtEach = System.nanoTime();
        }
        ended.forEach(Reaper::report);
        seen = ended.isEmpty() ? awaitChange(seen) : seen;
      }
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "somebody interrupted the thread that reaps", e);
    }
  }

  /** Waits until there is somebody to watch; false when the reaper was closed. */
  private boolean awaitChildren() throws InterruptedException {
    synchronized (lock) {
      while (living.isEmpty() && !closed) {
        lock.wait();
      }
      return !closed;
    }
  }

  /** The child with that pid; all of them when there is no child any more: others took them. */
  private List<Watched> take(int pid) {
    synchronized (lock) {
      if (pid == -Sys.ECHILD) {
        List<Watched> all = List.copyOf(living.values());
        living.clear();
        return all;
      }
      Watched one = living.remove(pid);
      return one == null ? List.of() : List.of(one);
    }
  }

  /** Those of ours that have ended behind a stranger. */
  private List<Watched> lookAtEach(Memory info) {
    List<Integer> ours;
    synchronized (lock) {
      ours = List.copyOf(living.keySet());
    }
    return ours.stream()
        .filter(pid -> Sys.hasExited(pid, info))
        .flatMap(pid -> take(pid).stream())
        .toList();
  }

  /** Lets a stranger's parent take it, or its own start be finished. */
  private long awaitChange(long seen) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STRANGER_MILLIS);
    synchronized (lock) {
      long rest = STRANGER_MILLIS;
      while (changes == seen && !closed && rest > 0) {
        lock.wait(rest);
        rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      }
      return changes;
    }
  }

  private static void report(Watched ended) {
    try {
      ended.then().accept(ended.child().reap());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "the end of a child was not handled", e);
    }
  }

  /** Reports nothing any more. The thread ends with the next child that does. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
  }
}
