package dev.forkyard.worker;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The orders of the daemon, from the thread that reads them to the one that carries them out. */
final class Orders {
  private static final int CAPACITY = 64;

  private final BlockingQueue<Order> waiting = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean over;

  /** Adds an order; waits while too many are waiting. */
  void add(Order order) throws InterruptedException {
    if (order instanceof Order.Assignment) {
      unanswered.incrementAndGet();
    } else {
      over = true;
    }
    waiting.put(order);
  }

  /** Waits for an order. */
  Order take() throws InterruptedException {
    return waiting.take();
  }

  /** Notes that the last answer to an assignment is about to be sent. */
  void answered() {
    unanswered.decrementAndGet();
  }

  /** Notes that the process is about to end, whatever is left. */
  void abandon() {
    unanswered.set(0);
    over = true;
  }

  /** True when the daemon may close the connection: nothing more will come and all is answered. */
  boolean areDone() {
    return over && unanswered.get() <= 0;
  }
}
