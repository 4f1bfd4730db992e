package dev.forkyard.server.process;

import dev.forkyard.server.os.ByteSink;
import java.io.ByteArrayOutputStream;

/** The way to a process that reads when a test says so. For one thread. */
final class FakeSink implements ByteSink {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private Runnable onWritable = () -> {};
  private Runnable afterWrite = () -> {};
  private int room;
  private boolean broken;
  private int closes;

  /** The process reads so many bytes. */
  void read(int bytes) {
    room += bytes;
    tell();
  }

  /** The process closes its side, or ends. */
  void breakOff() {
    broken = true;
    tell();
  }

  /** What happens right after each write, before its count is known. */
  void afterWrite(Runnable action) {
    afterWrite = action;
  }

  private void tell() {
    Runnable told = onWritable;
    onWritable = () -> {};
    told.run();
  }

  byte[] written() {
    return written.toByteArray();
  }

  boolean isClosed() {
    return closes > 0;
  }

  @Override
  public int write(byte[] bytes, int offset, int length) {
    if (broken) {
      return BROKEN;
    }
    int count = Math.min(room, length);
    written.write(bytes, offset, count);
    room -= count;
    afterWrite.run();
    return count;
  }

  @Override
  public void onWritable(Runnable task) {
    onWritable = task;
    if (room > 0 || broken) {
      tell();
    }
  }

  @Override
  public void close() {
    closes++;
  }
}
