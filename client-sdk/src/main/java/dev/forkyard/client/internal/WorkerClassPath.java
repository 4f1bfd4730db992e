package dev.forkyard.client.internal;

import java.util.List;

/** The class path that workers need to run the functions of this JVM. */
public final class WorkerClassPath {
  private WorkerClassPath() {}

  /**
   * Finds the jars, and packs class directories into jars in the user's cache where that was not
   * yet done.
   *
   * @return absolute paths of jars, the worker runtime first
   * @throws java.io.UncheckedIOException if the cache cannot be written
   */
  public static List<String> ofThisJvm() {
    throw new UnsupportedOperationException();
  }
}
