package dev.forkyard.server.core;

import java.time.Duration;

/** Runs short actions later. Actions must not block: they share one thread. */
public interface Scheduler {

  Scheduled schedule(Duration delay, Runnable action);

  /** An action that has not run yet. */
  interface Scheduled {
    /** Keeps the action from running, unless it is running or has run. */
    void cancel();
  }
}
