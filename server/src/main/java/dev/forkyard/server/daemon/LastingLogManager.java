package dev.forkyard.server.daemon;

import java.util.logging.LogManager;

/**
 * Keeps the log open until the virtual machine is gone. That of the JDK closes it as soon as a
 * signal arrives, and the end of the daemon would leave no trace.
 */
public final class LastingLogManager extends LogManager {
  @Override
  public void reset() {}
}
