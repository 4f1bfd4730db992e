package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Actions that are run one after the other in the order in which they were added, by the threads
 * that added them. One that fails is logged. Thread-safe; its lock is a leaf.
 */
final class InOrder {
  private static final Logger log = Logger.getLogger(InOrder.class.getName());

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final ArrayDeque<Runnable> actions = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean running;

  /** Adds an action; {@link #run} is to be called outside of every lock afterwards. */
  void add(Runnable action) {
    synchronized (lock) {
      actions.add(action);
    }
  }

  /** Runs what was added, unless another thread does, or this one further up. */
  void run() {
    synchronized (lock) {
      if (running) {
        return;
      }
      running = true;
    }
    for (Runnable action = next(); action != null; action = next()) {
      try {
        action.run();
      } catch (RuntimeException bug) {
        log.log(Level.SEVERE, "what is done in order could not be done", bug);
      }
    }
  }

  private @Nullable Runnable next() {
    synchronized (lock) {
      Runnable action = actions.poll();
      running = action != null;
      return action;
    }
  }
}
