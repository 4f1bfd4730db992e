package dev.forkyard.server.process;

import dev.forkyard.server.os.OutputSlice;
import java.io.IOException;

/** One output stream of a process, as those see it who follow it. Thread-safe. */
interface LiveOutput {
  /** Answered while nobody knows where the output will be complete. */
  long GOES_ON = -1;

  /** Position of the oldest byte that is kept. */
  long firstKept();

  /** Position after the newest byte. */
  long end();

  /** Position at which the output is complete, as the process has ended; or {@link #GOES_ON}. */
  long completeAt();

  /**
   * Position at which the output of the last run that has ended is complete, whether the process
   * runs again or not; 0 before any has.
   */
  long lastComplete();

  /**
   * Reads what is kept at a position or after it. Blocks on the disk.
   *
   * @throws IOException when the disk fails
   */
  OutputSlice read(long cursor, int max) throws IOException;

  /**
   * Tells a listener after every growth. It must not block.
   *
   * @return ends that
   */
  Runnable onGrowth(Runnable listener);
}
