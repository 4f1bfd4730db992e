package dev.forkyard.client;

/** Shows how far a pool is. For one thread at a time. */
interface ProgressView extends AutoCloseable {
  /**
   * Shows a state, now or when it is time.
   *
   * @param ended how many calls have ended
   * @param note what else there is to say
   */
  void show(long ended, String note);

  /** Shows the last state. */
  @Override
  void close();
}
