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
 * Ends a process group: the stop signal, a grace, KILL, and a look at what is left. Always ends.
 * Thread-safe.
 *
 * <p>CONT follows the stop signal, since a process that is stopped acts on no other until it goes
 * on. It looks at the group again and again because members outlive their leader, and no event
 * tells of their end.
 */
final class StopLadder {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(25);
  private static final Duration AFTER_KILL = Duration.ofSeconds(2);

  private final Child child;
  private final Signal first;
  private final boolean killsAtOnce;
  private final Clock clock;
  private final Scheduler scheduler;
  private final CompletableFuture<List<Integer>> survivors = new CompletableFuture<>();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Instant killAt;

  @GuardedBy("lock")
  private boolean killed;

  StopLadder(Child child, Signal first, Duration grace, Clock clock, Scheduler scheduler) {
    this.child = child;
    this.first = first;
    this.killsAtOnce = grace.isZero();
    this.clock = clock;
    this.scheduler = scheduler;
    this.killAt = after(clock.instant(), grace);
  }

  private static Instant after(Instant now, Duration grace) {
    // a longer one could not be added
    Duration most = Duration.ofDays(36_500);
    return now.plus(grace.compareTo(most) < 0 ? grace : most);
  }

  /** Takes the first step. */
  void start() {
    if (!killsAtOnce) {
      child.signalGroup(first);
      child.signalGroup(Signal.CONT);
    }
    climb();
  }

  /** Kills when the other one would, if that is earlier. */
  void hurry(StopLadder other) {
    Instant earlier = other.killAt();
    synchronized (lock) {
      if (earlier.isBefore(killAt)) {
        killAt = earlier;
      }
    }
  }

  private Instant killAt() {
    synchronized (lock) {
      return killAt;
    }
  }

  /** Pids that could not be ended; completes when the ladder has. */
  CompletableFuture<List<Integer>> survivors() {
    return survivors;
  }

  private void climb() {
    killIfDue();
    if (child.isGroupEmpty()) {
      survivors.complete(List.of());
    } else if (child.isAlive() && !isGivenUp()) {
      scheduler.schedule(LOOK_AGAIN, this::climb);
    } else {
      lookWhoIsLeft();
    }
  }

  private void lookWhoIsLeft() {
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

  /** Again at every look: members may have been born meanwhile. */
  private void killIfDue() {
    synchronized (lock) {
      if (clock.instant().isBefore(killAt)) {
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
