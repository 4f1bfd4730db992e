package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.forkyard.server.os.Poller.Watch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way to the standard input of a child: a pipe, or its terminal. It keeps nothing: what the
 * kernel has no room for stays with the caller. All methods may be called on every thread, at every
 * time, and none waits.
 */
public final class ChildInput implements ByteSink {
  private static final int MOST_BYTES = 64 * 1024;

  private final Poller poller;
  private final boolean terminal;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int fd;

  @GuardedBy("lock")
  private @Nullable Watch watch;

  @GuardedBy("lock")
  private @Nullable Runnable listener;

  @GuardedBy("lock")
  private boolean closed;

  /** Characters that mean "end of file" which the terminal has to be given yet. */
  @GuardedBy("lock")
  private int endsToWrite;

  @GuardedBy("lock")
  private boolean midLine;

  private ChildInput(Poller poller, int fd, boolean terminal) {
    this.poller = poller;
    this.fd = fd;
    this.terminal = terminal;
  }

  /** Takes over the write end of a pipe, which must not block. */
  static ChildInput pipe(Poller poller, int fd) {
    return new ChildInput(poller, fd, false);
  }

  /** Takes over a master of a terminal, which must not block. */
  static ChildInput terminal(Poller poller, int fd) {
    return new ChildInput(poller, fd, true);
  }

  /** Gets ready to wait for room; false when the kernel has no room for that. */
  boolean start() {
    synchronized (lock) {
      watch = poller.watch(fd, Poller.ONE_SHOT, this::ready);
      return watch != null;
    }
  }

  /**
   * Writes as much as there is room for now. A pipe takes 64 KiB that nobody has read yet; on a
   * terminal bytes go through its line discipline, as if they were typed.
   *
   * @return how many bytes were taken, 0 when there is no room, or {@link #BROKEN} when input was
   *     closed, nobody reads it any more, or the process has ended
   * @throws IndexOutOfBoundsException when the range is not within the array
   */
  @Override
  public int write(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    synchronized (lock) {
      return closed || fd < 0 ? BROKEN : put(bytes, offset, Math.min(length, MOST_BYTES));
    }
  }

  @GuardedBy("lock")
  private int put(byte[] bytes, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    try (Memory memory = new Memory(length)) {
      memory.write(0, bytes, offset, length);
      long count = Sys.write(fd, Pointer.nativeValue(memory), length);
      if (count > 0) {
        midLine = bytes[offset + (int) count - 1] != '\n';
        return (int) count;
      }
      return count == 0 || count == -Sys.EAGAIN ? 0 : BROKEN;
    }
  }

  /**
   * Runs a task once, on the output thread, as soon as there is room or nothing can be written any
   * more. A task that was given before and has not run is forgotten.
   *
   * @param task must not block
   */
  @Override
  public void onWritable(Runnable task) {
    synchronized (lock) {
      listener = task;
      if (closed || watch == null) {
        poller.execute(this::ready);
      } else {
        watch.waitFor(Poller.OUT | Poller.ONE_SHOT);
      }
    }
  }

  private void ready() {
    Runnable task;
    synchronized (lock) {
      task = listener;
      listener = null;
      if (endsToWrite > 0) {
        writeEnd();
      }
    }
    if (task != null) {
      task.run();
    }
  }

  /**
   * Ends the input: whoever reads it gets an end of file after what was written. A terminal is
   * given its end-of-file character, twice after an unfinished line; a program that has switched
   * the terminal to raw mode reads the character itself. Closing again does nothing.
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      if (terminal) {
        endsToWrite = midLine ? 2 : 1;
        writeEnd();
      } else {
        letGo();
      }
      tellListener();
    }
  }

  @GuardedBy("lock")
  private void writeEnd() {
    byte end = fd < 0 ? 0 : Sys.endOfFileCharacter(fd);
    while (end != 0 && endsToWrite > 0) {
      int count = put(new byte[] {end}, 0, 1);
      if (count == 0 && watch != null) {
        watch.waitFor(Poller.OUT | Poller.ONE_SHOT);
        return;
      }
      endsToWrite = count > 0 ? endsToWrite - 1 : 0;
    }
    endsToWrite = 0;
  }

  @GuardedBy("lock")
  private void tellListener() {
    if (listener != null) {
      poller.execute(this::ready);
    }
  }

  /** False when it is no terminal, or let go of. */
  boolean resize(int rows, int columns) {
    synchronized (lock) {
      return terminal && fd >= 0 && Sys.setTerminalSize(fd, rows, columns) == 0;
    }
  }

  /** Lets go of the descriptor; nothing can be written any more. */
  void release() {
    synchronized (lock) {
      closed = true;
      letGo();
      tellListener();
    }
  }

  @GuardedBy("lock")
  private void letGo() {
    if (watch != null) {
      watch.end();
      watch = null;
    }
    if (fd >= 0) {
      Sys.close(fd);
      fd = -1;
    }
  }
}
