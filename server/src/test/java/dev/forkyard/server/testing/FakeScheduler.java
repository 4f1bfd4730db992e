package dev.forkyard.server.testing;

import dev.forkyard.server.core.Scheduler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A scheduler whose time only passes when a test says so. For one thread. */
public final class FakeScheduler implements Scheduler {
  private record Entry(Duration at, long number, Runnable action) {}

  private final List<Entry> entries = new ArrayList<>();
  private Duration now = Duration.ZERO;
  private long lastNumber;

  @Override
  public Scheduled schedule(Duration delay, Runnable action) {
    Entry entry = new Entry(now.plus(delay), ++lastNumber, action);
    entries.add(entry);
    return () -> entries.removeIf(other -> other.number() == entry.number());
  }

  /** Lets time pass, and runs what becomes due, in order. */
  public void pass(Duration time) {
    Duration target = now.plus(time);
    while (true) {
      var due =
          entries.stream()
              .filter(entry -> entry.at().compareTo(target) <= 0)
              .min(Comparator.comparing(Entry::at));
      if (due.isEmpty()) {
        break;
      }
      entries.remove(due.get());
      now = due.get().at();
      due.get().action().run();
    }
    now = target;
  }

  /** A clock that shows the time of this scheduler, from the epoch on. */
  public Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Instant instant() {
        return Instant.EPOCH.plus(now);
      }
    };
  }

  /** How many actions are waiting for their time. */
  public int pending() {
    return entries.size();
  }
}
