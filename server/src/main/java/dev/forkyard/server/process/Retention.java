package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.function.Consumer;

/** Remembers a bounded number of processes that have ended, and forgets the oldest. Thread-safe. */
final class Retention {
  private static final int MOST = 1000;

  private final Consumer<OwnedProcess> forget;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashSet<OwnedProcess> ended = new LinkedHashSet<>();

  Retention(Consumer<OwnedProcess> forget) {
    this.forget = forget;
  }

  void add(OwnedProcess process) {
    OwnedProcess oldest = null;
    synchronized (lock) {
      ended.add(process);
      if (ended.size() > MOST) {
        oldest = ended.iterator().next();
        ended.remove(oldest);
      }
    }
    if (oldest != null) {
      forget.accept(oldest);
    }
  }

  void remove(OwnedProcess process) {
    synchronized (lock) {
      ended.remove(process);
    }
  }
}
