package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.forkyard.server.core.OutputExtent;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/** One stream, and beside it everything that was ever written to it. */
final class OutputModel {
  private final OutputLog log;
  private final Random random;
  private byte[] written = new byte[1 << 16];
  private final BitSet late = new BitSet();
  private int end;
  private int border;
  private int run = 1;
  private boolean exited;

  OutputModel(OutputLog log, Random random) {
    this.log = log;
    this.random = random;
  }

  void append(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    if (end + count > written.length) {
      written = Arrays.copyOf(written, 2 * (end + count));
    }
    System.arraycopy(bytes, 0, written, end, count);
    late.set(end, end + count, exited);
    end += count;
    append(log, run, bytes, exited);
  }

  /** Appends as the pipe of a child does. */
  static void append(OutputLog log, int run, byte[] bytes, boolean late) {
    try (Memory memory = new Memory(bytes.length)) {
      memory.write(0, bytes, 0, bytes.length);
      log.append(run, Pointer.nativeValue(memory), bytes.length, late);
    }
  }

  void exit() {
    log.runEnded(run);
    border = end;
    exited = true;
  }

  /** The other stream of the process begins its next run too. */
  void nextRun() {
    run++;
    exited = false;
  }

  long end() {
    return end;
  }

  /** Everything that the log says is true, and what it keeps is everything but what it counts. */
  void check() throws IOException {
    OutputExtent extent = log.extent();
    assertThat(extent.end()).isEqualTo(end);
    assertThat(extent.lateBytes()).isEqualTo(late.cardinality());
    assertThat(log.exitBorder()).isEqualTo(border);
    long cursor = 0;
    long kept = 0;
    while (cursor < end) {
      OutputSlice slice = log.read(cursor, 1 + random.nextInt(1 << 16));
      check(cursor, slice);
      assertThat(slice.next()).isGreaterThan(cursor);
      kept += slice.bytes().length;
      cursor = slice.next();
    }
    assertThat(extent.droppedBytes()).isEqualTo(end - kept);
    long anywhere = random.nextInt(end + 1);
    check(anywhere, log.read(anywhere, 1 + random.nextInt(10_000)));
  }

  private void check(long cursor, OutputSlice slice) {
    int start = (int) slice.start();
    int next = (int) slice.next();
    assertThat(slice.start()).isEqualTo(cursor + slice.dropped());
    assertThat(slice.bytes()).isEqualTo(Arrays.copyOfRange(written, start, next));
    assertThat(cursor < border && next > border).as("crosses the border").isFalse();
    assertThat(late.get(start, next).cardinality()).isEqualTo(slice.late() ? next - start : 0);
  }
}
