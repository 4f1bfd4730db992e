package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.os.Child;
import dev.forkyard.server.os.Signal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Ends a process group: TERM, a grace, KILL, and a look at what is left. Always ends. Thread-safe.
 *
 * <p>It looks at the group again and again because members outlive their leader, and no event tells
 * of their end.
 */
final class StopLadder {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(25);
  private static final Duration AFTER_KILL = Duration.ofSeconds(2);

  private final Child child;
  private final Clock clock;
  private final Scheduler scheduler;
  private final CompletableFuture<List<Integer>> survivors = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Instant killAt;

  @GuardedBy("lock")
  private boolean killed;

  StopLadder(Child child, Duration grace, Clock clock, Scheduler scheduler) {
    this.child = child;
    this.clock = clock;
    this.scheduler = scheduler;
    this.killAt = clock.instant().plus(grace);
  }

  /** Takes the first step. */
  void start(Duration grace) {
    if (!grace.isZero()) {
      child.signalGroup(Signal.TERM);
    }
    climb();
  }

  /** Kills earlier, if that is earlier. */
  void hurry(Duration grace) {
    synchronized (lock) {
      Instant earlier = clock.instant().plus(grace);
      if (earlier.isBefore(killAt)) {
        killAt = earlier;
      }
    }
  }

  /** Pids that could not be ended; completes when the ladder has. */
  CompletableFuture<List<Integer>> survivors() {
    return survivors;
  }

  private void climb() {
    killIfDue();
    child
        .groupMembers()
        .whenComplete(
            (members, failure) -> {
              if (failure != null || members.isEmpty() || isGivenUp()) {
                survivors.complete(failure == null ? members : List.of());
              } else {
                scheduler.schedule(LOOK_AGAIN, this::climb);
              }
            });
  }

  private void killIfDue() {
    synchronized (lock) {
      if (killed || clock.instant().isBefore(killAt)) {
        return;
      }
      killed = true;
    }
    child.signalGroup(Signal.KILL);
  }

  private boolean isGivenUp() {
    synchronized (lock) {
      return killed && clock.instant().isAfter(killAt.plus(AFTER_KILL));
    }
  }
}
