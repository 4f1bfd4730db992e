package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/** Reads the files that keep the output of children. Blocks on the disk. */
public final class OutputFiles {
  private OutputFiles() {}

  /**
   * Reads a part of a file, which may be growing.
   *
   * @param offset position of the first byte
   * @param max most bytes to read
   * @return the bytes there are; empty at the end of the file and beyond
   * @throws IOException when there is no such file, it is a symbolic link, or it cannot be read
   */
  public static byte[] read(Path file, long offset, int max) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      long there = Math.max(0, Math.min(max, channel.size() - offset));
      ByteBuffer bytes = ByteBuffer.allocate((int) there);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) > 0) {
        // goes on until the buffer is full or the file ends
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    }
  }
}
