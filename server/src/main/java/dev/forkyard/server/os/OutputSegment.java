package dev.forkyard.server.os;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file with neighbouring bytes of one stream. Made when its first byte is written. Written on the
 * output thread, read on every thread.
 */
final class OutputSegment {
  private static final int CLOSED = -1;
  private static final long BLOCK = 4096;

  private final OutputDisk disk;
  private final Path path;
  private final boolean late;
  private long start;
  private volatile long length;
  private boolean created;
  private int fd = CLOSED;

  /**
   * @param late its bytes were written after the exit of the process
   */
  OutputSegment(OutputDisk disk, Path path, boolean late) {
    this.disk = disk;
    this.path = path;
    this.late = late;
  }

  Path path() {
    return path;
  }

  boolean late() {
    return late;
  }

  /** Position of the first byte; of meaning once there is one. */
  long start() {
    return start;
  }

  long length() {
    return length;
  }

  /** Position after the last byte. */
  long end() {
    return start + length;
  }

  /** Bytes that it takes on disk, or would take after this many more: whole blocks. */
  long diskBytes(long more) {
    return (length + more + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Writes what goes there at once; bytes written, or the negative errno. */
  long write(long position, long address, long count) {
    if (fd < 0) {
      int opened = created ? disk.reopen(RawText.of(path)) : disk.create(RawText.of(path));
      if (opened < 0) {
        return opened;
      }
      fd = opened;
      created = true;
    }
    long written = disk.write(fd, address, count);
    if (written > 0) {
      long before = length;
      start = before == 0 ? position : start;
      length = before + written;
    }
    return written == 0 ? -Sys.EIO : written;
  }

  /** True when the file is there and has no byte yet. */
  boolean isEmptyFile() {
    return created && length == 0;
  }

  /** Lets go of the descriptor; a file without bytes goes away. */
  void rest() {
    if (fd >= 0) {
      disk.close(fd);
      fd = CLOSED;
    }
    if (isEmptyFile()) {
      disk.unlink(RawText.of(path));
      created = false;
    }
  }

  /** Removes the file; answers 0, or the negative errno. */
  int delete() {
    rest();
    return created ? disk.unlink(RawText.of(path)) : 0;
  }

  /**
   * Reads from a position that is inside until the buffer is full or the segment ends.
   *
   * @throws IOException when the file is gone, is a symbolic link, was cut, or cannot be read
   */
  void read(long position, ByteBuffer into) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      long offset = position - start;
      ByteBuffer part =
          into.slice(into.position(), (int) Math.min(into.remaining(), length - offset));
      while (part.hasRemaining()) {
        if (channel.read(part, offset + part.position()) < 0) {
          throw new EOFException(path + " is shorter than what was written to it");
        }
      }
      into.position(into.position() + part.position());
    }
  }
}
