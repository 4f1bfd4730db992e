package dev.forkyard.server.daemon;

import java.util.logging.LogManager;

/**
 * Keeps logging until the virtual machine halts; the JDK's own manager stops at the beginning of
 * the shutdown.
 */
public final class LastingLogManager extends LogManager {

  /** Does nothing: it is what the JDK calls to stop logging. */
  @Override
  public void reset() {}
}
