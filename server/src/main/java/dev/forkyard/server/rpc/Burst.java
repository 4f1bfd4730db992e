package dev.forkyard.server.rpc;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of work of one thread that may produce many parts for several streams: they are sent
 * when it closes, so that each stream gets them in one message.
 */
final class Burst {
  private static final ThreadLocal<@Nullable Burst> CURRENT = new ThreadLocal<>();

  private final @Nullable Burst outer = CURRENT.get();
  private final Set<Batcher<?>> touched = new LinkedHashSet<>();

  private Burst() {}

  /** Runs work; what it sends leaves when it is done. */
  static void during(Runnable work) {
    Burst burst = new Burst();
    CURRENT.set(burst);
    try {
      work.run();
    } finally {
      burst.close();
    }
  }

  /** Leaves the flush of a batcher to the open burst; false when there is none. */
  static boolean postpone(Batcher<?> batcher) {
    Burst current = CURRENT.get();
    if (current == null) {
      return false;
    }
    current.touched.add(batcher);
    return true;
  }

  private void close() {
    CURRENT.set(outer);
    touched.forEach(Batcher::flush);
  }
}
