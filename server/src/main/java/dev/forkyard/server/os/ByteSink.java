package dev.forkyard.server.os;

/**
 * Takes bytes as far as there is room, and never waits. All methods may be called on every thread.
 */
public interface ByteSink {
  /** Answered instead of a count when nothing can be written any more. */
  int BROKEN = -1;

  /**
   * Writes as much as there is room for now.
   *
   * @return how many bytes were taken, 0 when there is no room, or {@link #BROKEN}
   * @throws IndexOutOfBoundsException when the range is not within the array
   */
  int write(byte[] bytes, int offset, int length);

  /**
   * Runs a task once, as soon as there is room or nothing can be written any more. A task that was
   * given before and has not run is forgotten.
   *
   * @param task must not block
   */
  void onWritable(Runnable task);

  /** Ends it after what was written. Closing again does nothing. */
  void close();
}
