package dev.forkyard.server.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Actions collected under a lock to be run after it was let go. Not thread-safe: one instance lives
 * in one locked section.
 */
public final class Afterwards {
  private final List<Runnable> actions = new ArrayList<>(2);

  public void add(Runnable action) {
    actions.add(action);
  }

  public void run() {
    for (Runnable action : actions) {
      action.run();
    }
  }
}
