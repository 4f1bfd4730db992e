package dev.forkyard.server.os;

import dev.forkyard.server.os.Poller.Watch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One stream of one child: what comes out of the pipe is appended to the file. Descriptors are
 * touched by the output thread only; the counts may be read on every thread.
 */
final class OutputPipe {
  private final int pipe;
  private final AtomicLong kept = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private int file;
  private boolean open = true;
  private @Nullable Watch watch;
  private Runnable onEnd = () -> {};

  /** Takes over both descriptors. */
  OutputPipe(int pipe, int file) {
    this.pipe = pipe;
    this.file = file;
  }

  /** Bytes in the file. */
  long kept() {
    return kept.get();
  }

  /** Bytes that could not be written, or were not wanted any more. */
  long lost() {
    return lost.get();
  }

  /**
   * Begins to move; false when the kernel has no room. {@code onEnd} runs when the descriptors are
   * closed.
   */
  boolean start(Poller poller, CopyBuffer buffer, Runnable onEnd) {
    this.onEnd = onEnd;
    watch = poller.watch(pipe, Poller.IN, () -> move(buffer));
    return watch != null;
  }

  /** Moves what the pipe holds now; a grandchild that goes on writing does not prolong it. */
  void moveAllPresent(CopyBuffer buffer) {
    long present = open ? Sys.readable(pipe) : 0;
    long moved = move(buffer);
    while (moved > 0 && present > 0) {
      present -= moved;
      moved = move(buffer);
    }
  }

  /** Moves once; bytes moved, 0 at the end, negative when there is nothing at present. */
  private long move(CopyBuffer buffer) {
    if (!open) {
      return 0;
    }
    long count = Sys.read(pipe, buffer.address(), buffer.size());
    if (count > 0) {
      keep(buffer.address(), count);
    } else if (count != -Sys.EAGAIN) {
      close();
    }
    return count;
  }

  private void keep(long address, long count) {
    long done = 0;
    while (done < count && file >= 0) {
      long written = Sys.write(file, address + done, count - done);
      if (written <= 0) {
        break;
      }
      done += written;
    }
    kept.addAndGet(done);
    lost.addAndGet(count - done);
  }

  /** From now on output is read and thrown away. */
  void discard() {
    if (file >= 0) {
      Sys.close(file);
      file = -1;
    }
  }

  void close() {
    if (open) {
      open = false;
      if (watch != null) {
        watch.end();
      }
      Sys.close(pipe);
      discard();
      onEnd.run();
    }
  }
}
