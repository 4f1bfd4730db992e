package dev.forkyard.examples.bench;

import java.io.IOException;

/** One of the two that are compared, ready to be measured again and again. */
interface Side extends AutoCloseable {
  /** Does the work once and answers the seconds that it took. */
  double measure() throws Exception;

  @Override
  void close() throws IOException;
}
