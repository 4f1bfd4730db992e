package dev.forkyard.server.os;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** Memory outside the heap through which output passes; one for all children. */
final class CopyBuffer implements AutoCloseable {
  private static final int BYTES = 64 * 1024;

  private final Memory memory = new Memory(BYTES);

  long address() {
    return Pointer.nativeValue(memory);
  }

  long size() {
    return BYTES;
  }

  @Override
  public void close() {
    memory.close();
  }
}
