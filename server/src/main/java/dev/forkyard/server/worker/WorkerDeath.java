package dev.forkyard.server.worker;

import org.jspecify.annotations.Nullable;

/**
 * The end of a worker.
 *
 * @param inWords such as {@code exit code 3}
 * @param clean it exited with code 0
 * @param stderrTail the end of what it wrote to standard error
 * @param running the call that was running; null when it died between calls
 * @param violation what it said against the protocol, as a sentence; empty for nothing
 */
public record WorkerDeath(
    String inWords,
    boolean clean,
    String stderrTail,
    @Nullable RunningCall running,
    String violation) {

  /** The end of a worker that kept to the protocol. */
  public WorkerDeath(
      String inWords, boolean clean, String stderrTail, @Nullable RunningCall running) {
    this(inWords, clean, stderrTail, running, "");
  }

  /** A sentence to follow that of the end, with a space in front; empty unless it is to blame. */
  public String blame() {
    return violation.isEmpty() ? "" : " The worker had broken the protocol: " + violation;
  }

  /** A call that had begun and not ended. */
  public record RunningCall(int number, int index) {}
}
