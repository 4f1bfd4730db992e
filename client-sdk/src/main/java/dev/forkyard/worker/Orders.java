package dev.forkyard.worker;

import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

/** The orders of the daemon, from the thread that reads them to the one that carries them out. */
final class Orders {
  private static final int CAPACITY = 64;

  private final BlockingQueue<Order> waiting = new ArrayBlockingQueue<>(CAPACITY);

  /** By number, those that are not answered. */
  private final Map<Integer, GivenUp> assignments = new ConcurrentHashMap<>();

  private volatile boolean over;

  /** Adds an order; waits while too many are waiting. */
  void add(Order order) throws InterruptedException {
    if (order instanceof Order.Assignment assignment) {
      assignments.put(assignment.number(), new GivenUp(assignment.count()));
    } else {
      over = true;
    }
    waiting.put(order);
  }

  /** Gives up calls that have not begun; those of an answered assignment are forgotten. */
  void cancel(Order.Cancel cancel) {
    GivenUp calls = assignments.get(cancel.number());
    if (calls != null) {
      calls.add(cancel);
    }
  }

  /** Waits for an order. An interrupt, which a thread of some call left behind, means nothing. */
  Order take() {
    while (true) {
      try {
        return waiting.take();
      } catch (InterruptedException meantForACallBefore) {
        // wait again
      }
    }
  }

  /** The calls of an assignment that are not to begin. */
  GivenUp givenUp(Order.Assignment assignment) {
    GivenUp calls = assignments.get(assignment.number());
    return calls == null ? new GivenUp(assignment.count()) : calls;
  }

  /** Notes that the last answer to an assignment is about to be sent. */
  void answered(Order.Assignment assignment) {
    assignments.remove(assignment.number());
  }

  /** Notes that the process is about to end, whatever is left. */
  void abandon() {
    assignments.clear();
    over = true;
  }

  /** True when the daemon may close the connection: nothing more will come and all is answered. */
  boolean areDone() {
    return over && assignments.isEmpty();
  }
}
