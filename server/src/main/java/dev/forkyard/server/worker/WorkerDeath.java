package dev.forkyard.server.worker;

import org.jspecify.annotations.Nullable;

/**
 * The end of a worker.
 *
 * @param inWords such as {@code exit code 3}
 * @param clean it exited with code 0
 * @param stderrTail the end of what it wrote to standard error
 * @param running the call that was running; null when it died between calls
 */
public record WorkerDeath(
    String inWords, boolean clean, String stderrTail, @Nullable RunningCall running) {

  /** A call that had begun and not ended. */
  public record RunningCall(int number, int index) {}
}
