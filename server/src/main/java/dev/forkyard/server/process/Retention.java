package dev.forkyard.server.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Remembers processes that have ended, bounded in number and in bytes of results, and forgets the
 * oldest. Thread-safe.
 */
final class Retention {
  private static final int MOST = 1000;
  private static final long MOST_RESULT_BYTES = 64L << 20;

  private final Consumer<OwnedProcess> forget;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashSet<OwnedProcess> ended = new LinkedHashSet<>();

  @GuardedBy("lock")
  private long resultBytes;

  Retention(Consumer<OwnedProcess> forget) {
    this.forget = forget;
  }

  void add(OwnedProcess process) {
    List<OwnedProcess> tooMany = new ArrayList<>();
    synchronized (lock) {
      ended.add(process);
      resultBytes += process.resultBytes();
      while (ended.size() > MOST || (resultBytes > MOST_RESULT_BYTES && ended.size() > 1)) {
        OwnedProcess oldest = ended.iterator().next();
        take(oldest);
        tooMany.add(oldest);
      }
    }
    tooMany.forEach(forget);
  }

  void remove(OwnedProcess process) {
    synchronized (lock) {
      take(process);
    }
  }

  @GuardedBy("lock")
  private void take(OwnedProcess process) {
    if (ended.remove(process)) {
      resultBytes -= process.resultBytes();
    }
  }
}
