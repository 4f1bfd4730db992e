package dev.forkyard.worker;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the daemon reads when this process was killed: the call that was running and the results
 * that were not sent.
 *
 * <p>The memory belongs to a file, so it outlives the process. At whatever instruction the process
 * dies, a call that was begun is the running one, or its result is in the batch, or it was sent.
 * Two of these can be true for a moment, never none. Big-endian layout:
 *
 * <pre>
 *  0  long  running: assignment number &lt;&lt; 32 | index of the call, or -1
 *  8  int   batch: number of its assignment
 * 12  int   batch: index of its first call
 * 16  long  batch: number of results &lt;&lt; 32 | length of their text, 0 when it is empty
 * 24  text  batch: results as JSON, with commas between
 * </pre>
 *
 * <p>Not thread-safe; {@link Outbox} guards it.
 */
final class Journal {
  /** Size of the file. */
  static final int SIZE = 64 * 1024;

  private static final int RUNNING = 0;
  private static final int BATCH_NUMBER = 8;
  private static final int BATCH_FIRST = 12;
  private static final int BATCH_LENGTH = 16;
  private static final int BATCH_TEXT = 24;
  private static final int MAX_TEXT = 60 * 1024;
  private static final int MAX_RESULTS = 4096;
  private static final long NOTHING = -1;

  private final ByteBuffer memory;
  private int number;
  private int first;
  private int count;
  private int length;

  private Journal(ByteBuffer memory) {
    this.memory = memory;
    release(RUNNING, NOTHING);
    clear();
  }

  /** A journal in a file. */
  static Journal in(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Journal(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
    }
  }

  /** A journal that dies with the process. */
  static Journal inMemory() {
    return new Journal(ByteBuffer.allocateDirect(SIZE));
  }

  void running(int assignment, int index) {
    release(RUNNING, (long) assignment << 32 | index);
  }

  void nothingRunning() {
    release(RUNNING, NOTHING);
  }

  /** Adds a result to the batch; false if there is no room or it does not follow the last one. */
  boolean add(int assignment, int index, byte[] json, int size) {
    int separator = count == 0 ? 0 : 1;
    if (separator + size > MAX_TEXT - length || count == MAX_RESULTS) {
      return false;
    }
    if (count == 0) {
      number = assignment;
      first = index;
      memory.putInt(BATCH_NUMBER, assignment);
      memory.putInt(BATCH_FIRST, index);
    } else if (number != assignment || first + count != index) {
      return false;
    } else {
      memory.put(BATCH_TEXT + length, (byte) ',');
    }
    memory.put(BATCH_TEXT + length + separator, json, 0, size);
    count++;
    length += separator + size;
    release(BATCH_LENGTH, (long) count << 32 | length);
    return true;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The frame that answers the calls of the batch. */
  ProtoWriter frame() {
    ByteBuffer json = ByteBuffer.allocate(length + 2);
    json.put((byte) '[').put(memory.slice(BATCH_TEXT, length)).put((byte) ']').flip();
    return Frames.results(number, first, count, json, new ProtoWriter());
  }

  /** Empties the batch, after it was sent. */
  void clear() {
    count = 0;
    length = 0;
    release(BATCH_LENGTH, 0L);
    VarHandle.storeStoreFence(); // the next batch is written after this one is gone
  }

  /** One store of an aligned long, after all that was written before. */
  private void release(int offset, long value) {
    VarHandle.releaseFence();
    memory.putLong(offset, value);
  }
}
