package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of input that wait in the whole daemon, accepted or not. Thread-safe. */
final class InputBudget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  InputBudget(long most) {
    this.most = most;
  }

  /**
   * Takes room for bytes, to be given back.
   *
   * @throws Fault INPUT_FULL when there is no room
   */
  void take(String processId, long bytes) {
    if (taken.addAndGet(bytes) > most) {
      taken.addAndGet(-bytes);
      throw InputFaults.budgetSpent(processId, most);
    }
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}
