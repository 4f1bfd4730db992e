package dev.forkyard.client.internal;

/**
 * A value that crosses to another process as a handle. The type it is declared with has to extend
 * this.
 */
public interface HandleValue {
  /**
   * Tells what the value refers to.
   *
   * @return the handle
   */
  Handle handle();
}
