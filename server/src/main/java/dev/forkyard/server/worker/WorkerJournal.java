package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerDeath.RunningCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a dead worker left in its memory-mapped file: the call that was running, and results that it
 * had not sent. The kernel keeps it whatever killed the worker. Blocks on the disk.
 *
 * <p>Big-endian: at 0 the running call (assignment number, index; -1 for none), at 8 the number and
 * the first index of the unsent batch, at 16 its count and length, at 24 its JSON elements,
 * separated by commas.
 */
record WorkerJournal(@Nullable RunningCall running, @Nullable Batch unsent) {
  static final int BYTES = 64 * 1024;
  private static final int BATCH_AT = 8;
  private static final int ELEMENTS_AT = 24;
  private static final WorkerJournal EMPTY = new WorkerJournal(null, null);

  /** Results as JSON array text. */
  record Batch(int number, int first, int count, String json) {}

  /** Makes the file that a worker maps. */
  static void create(Path file) throws IOException {
    ByteBuffer empty = ByteBuffer.allocate(BYTES).putLong(0, -1);
    try (var channel =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      while (empty.hasRemaining()) {
        channel.write(empty);
      }
    }
  }

  /** Reads what is left; nothing when the file cannot be read. */
  static WorkerJournal read(Path file) {
    try {
      return parse(Files.readAllBytes(file));
    } catch (IOException gone) {
      return EMPTY;
    }
  }

  private static WorkerJournal parse(byte[] file) {
    if (file.length < ELEMENTS_AT) {
      return EMPTY;
    }
    ByteBuffer bytes = ByteBuffer.wrap(file);
    long running = bytes.getLong(0);
    int count = bytes.getInt(BATCH_AT + 8);
    int length = bytes.getInt(BATCH_AT + 12);
    boolean isSound = count > 0 && length >= 0 && length <= file.length - ELEMENTS_AT;
    Batch unsent = null;
    if (isSound) {
      String elements = new String(file, ELEMENTS_AT, length, StandardCharsets.UTF_8);
      unsent =
          new Batch(
              bytes.getInt(BATCH_AT), bytes.getInt(BATCH_AT + 4), count, "[" + elements + "]");
    }
    return new WorkerJournal(
        running < 0 ? null : new RunningCall((int) (running >>> 32), (int) running), unsent);
  }
}
