package dev.forkyard.server.core;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Actions collected under a lock to be run after it was let go. Not thread-safe: one instance lives
 * in one locked section.
 */
public final class Afterwards {
  private static final Logger log = Logger.getLogger(Afterwards.class.getName());

  private final List<Runnable> actions = new ArrayList<>(2);

  public void add(Runnable action) {
    actions.add(action);
  }

  /** Runs the actions; one that runs may add others. */
  public void run() {
    for (int i = 0; i < actions.size(); i++) {
      try {
        actions.get(i).run();
      } catch (RuntimeException bug) {
        log.log(Level.SEVERE, "what follows from a change could not be done", bug);
      }
    }
  }
}
