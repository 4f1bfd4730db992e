package dev.forkyard.server.process;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in the order in which they were added. Small additions share an array, so that a queue of
 * many takes hardly more than its bytes. Not thread-safe.
 */
public final class ByteQueue {
  private static final int LEAST_CHUNK = 1024;

  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
  private int size;

  private static final class Chunk {
    private final byte[] bytes;
    private int start;
    private int end;

    private Chunk(int capacity) {
      bytes = new byte[capacity];
    }

    /** Takes what there is room for. */
    private int fill(byte[] source, int offset) {
      int count = Math.min(bytes.length - end, source.length - offset);
      System.arraycopy(source, offset, bytes, end, count);
      end += count;
      return count;
    }
  }

  /**
   * A range of an array, which stays as it is after its bytes were removed.
   *
   * @param offset index of the first byte
   * @param length number of bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  public record Range(byte[] bytes, int offset, int length) {}

  /** Adds bytes at the end. */
  public void add(byte[] bytes) {
    Chunk last = chunks.peekLast();
    int done = last == null ? 0 : last.fill(bytes, 0);
    if (done < bytes.length) {
      Chunk chunk = new Chunk(Math.max(LEAST_CHUNK, bytes.length - done));
      chunk.fill(bytes, done);
      chunks.add(chunk);
    }
    size += bytes.length;
  }

  /** Answers how many bytes there are. */
  public int size() {
    return size;
  }

  /** Answers whether there are none. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Answers some of the first bytes, and leaves them; null when there are none. */
  @Nullable Range first() {
    Chunk first = chunks.peekFirst();
    return first == null ? null : new Range(first.bytes, first.start, first.end - first.start);
  }

  /** Removes bytes of the {@link #first} range. */
  void removeFirst(int count) {
    Chunk first = chunks.getFirst();
    first.start += count;
    if (first.start == first.end) {
      chunks.removeFirst();
    }
    size -= count;
  }

  /** Removes and answers everything. */
  public byte[] removeAll() {
    byte[] all = new byte[size];
    int done = 0;
    for (Chunk chunk : chunks) {
      System.arraycopy(chunk.bytes, chunk.start, all, done, chunk.end - chunk.start);
      done += chunk.end - chunk.start;
    }
    chunks.clear();
    size = 0;
    return all;
  }
}
