package dev.forkyard.client.internal;

/**
 * A value that crosses to another process as a handle. The type it is declared with has to extend
 * this.
 */
public abstract class HandleValue {
  private final Handle handle;

  /**
   * Makes a value.
   *
   * @param handle what it refers to
   */
  protected HandleValue(Handle handle) {
    this.handle = handle;
  }

  /** {@return what the value refers to} */
  final Handle handle() {
    return handle;
  }
}
