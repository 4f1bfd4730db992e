package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The process groups of our children, known to guard and ledger from the start of the leader until
 * the group is empty.
 *
 * <p>A group number is ours as long as its leader is not reaped. After that the kernel keeps it
 * only while members are left; so members are then believed only if they carry our marker, no
 * process has the number as its pid, and no later child of ours got the number.
 */
final class ProcessGroups implements AutoCloseable {
  private static final long RECHECK_SECONDS = 1;

  private final String markerEntry;
  private final Guard guard;
  private final Ledger ledger;
  private final ScheduledThreadPoolExecutor scanner;
  private final EnvironmentSearch search;
  private final Object lock = new Object();

  /** The newest child with each number. */
  @GuardedBy("lock")
  private final Map<Integer, Child> groups = new HashMap<>();

  @GuardedBy("lock")
  private final Set<Child> leaderless = new HashSet<>();

  ProcessGroups(String markerEntry, Guard guard, Ledger ledger) {
    this.markerEntry = markerEntry;
    this.guard = guard;
    this.ledger = ledger;
    scanner = new ScheduledThreadPoolExecutor(1, work -> Children.daemonThread(work, "os-scan"));
    scanner.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    search = new EnvironmentSearch(scanner);
  }

  /** A group began with this child. Blocks on the disk. */
  void opened(Child child) {
    ledger.record(child.pid(), child.startTicks());
    synchronized (lock) {
      groups.put(child.pid(), child);
      guard.record(child.pid(), child.startTicks());
    }
  }

  /** Its leader was reaped. */
  void leaderGone(Child child) {
    synchronized (lock) {
      if (isOver(child)) {
        return;
      }
      leaderless.add(child);
      if (leaderless.size() == 1) {
        recheckLater();
      }
    }
  }

  /**
   * True when nobody is left in the group, or the number belongs to a later child; the guard
   * forgets it then.
   */
  @GuardedBy("lock")
  private boolean isOver(Child child) {
    if (groups.get(child.pid()) != child) {
      return true;
    }
    if (Sys.kill(-child.pid(), 0) != -Sys.ESRCH) {
      return false;
    }
    groups.remove(child.pid());
    guard.strike(child.pid());
    ledger.strike(child.pid());
    return true;
  }

  private void recheck() {
    synchronized (lock) {
      for (Child child : List.copyOf(leaderless)) {
        if (isOver(child)) {
          leaderless.remove(child);
        }
      }
      if (!leaderless.isEmpty()) {
        recheckLater();
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // ends with the scanner
  private void recheckLater() {
    try {
      scanner.schedule(this::recheck, RECHECK_SECONDS, TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      // closed: the guard looks after what is left
    }
  }

  /** True when the leader was reaped and has left nobody in the group. */
  boolean isEmpty(Child child) {
    if (!child.process().reaped()) {
      return false;
    }
    synchronized (lock) {
      return isOver(child);
    }
  }

  /** Pids alive in the group. */
  CompletableFuture<List<Integer>> members(Child child) {
    return isEmpty(child)
        ? CompletableFuture.completedFuture(List.of())
        : onScanner(() -> scan(child), List.of());
  }

  /** Signals what is left of a group without leader. */
  CompletableFuture<Boolean> signalMembers(Child child, Signal signal) {
    return isEmpty(child)
        ? CompletableFuture.completedFuture(false)
        : onScanner(
            () -> {
              boolean sent = false;
              for (int pid : scan(child)) {
                sent |= signalMember(pid, child, signal);
              }
              return sent;
            },
            false);
  }

  /** Pids of living processes that were started with this in their environment. */
  CompletableFuture<List<Integer>> carriers(String entry) {
    return search.carriers(entry);
  }

  private <T> CompletableFuture<T> onScanner(Supplier<T> work, T whenClosed) {
    try {
      return CompletableFuture.supplyAsync(work, scanner);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(whenClosed);
    }
  }

  private List<Integer> scan(Child child) {
    List<ProcFs.Stat> members = ProcFs.group(child.pid());
    if (!child.process().reaped()) {
      return members.stream().map(ProcFs.Stat::pid).toList();
    }
    synchronized (lock) {
      if (groups.get(child.pid()) != child) {
        return List.of();
      }
    }
    if (ProcFs.stat(child.pid()).isPresent()) {
      return List.of();
    }
    List<Integer> ours = new ArrayList<>();
    for (ProcFs.Stat member : members) {
      if (ProcFs.carries(member.pid(), markerEntry)) {
        ours.add(member.pid());
      }
    }
    return ours;
  }

  /** The descriptor names the process, so that what is looked at is what is signalled. */
  private boolean signalMember(int pid, Child child, Signal signal) {
    int pidfd = Sys.pidfdOpen(pid);
    if (pidfd < 0) {
      return false;
    }
    try {
      return ProcFs.stat(pid).filter(s -> s.group() == child.pid()).isPresent()
          && ProcFs.carries(pid, markerEntry)
          && Sys.pidfdSendSignal(pidfd, signal.number()) == 0;
    } finally {
      Sys.close(pidfd);
    }
  }

  @Override
  public void close() {
    scanner.shutdownNow();
  }
}
