package dev.forkyard.server.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a call waits: null is for ever, zero is not at all. */
public final class Timeouts {
  private Timeouts() {}

  public static boolean isZero(@Nullable Duration timeout) {
    return timeout != null && timeout.isZero();
  }
}
