package dev.forkyard.server.process;

import dev.forkyard.server.os.OutputSlice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream that grows, loses its beginning and ends when a test says so. For one thread. */
final class FakeOutput implements LiveOutput {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final List<Runnable> listeners = new ArrayList<>();
  private long firstKept;
  private long completeAt = GOES_ON;
  private long lastComplete;
  private @Nullable IOException failure;
  private int reads;

  void write(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  void write(byte[] bytes) {
    written.writeBytes(bytes);
    List.copyOf(listeners).forEach(Runnable::run);
  }

  /** The oldest bytes are kept no more. */
  void drop(long upTo) {
    firstKept = upTo;
  }

  /** The process has ended; its followers are told by the test. */
  void complete() {
    completeAt = end();
    lastComplete = end();
  }

  /** The process runs again. */
  void goOn() {
    completeAt = GOES_ON;
  }

  void fail() {
    failure = new IOException("the disk is on fire");
  }

  int listeners() {
    return listeners.size();
  }

  int reads() {
    return reads;
  }

  @Override
  public long firstKept() {
    return firstKept;
  }

  @Override
  public long end() {
    return written.size();
  }

  @Override
  public long completeAt() {
    return completeAt;
  }

  @Override
  public long lastComplete() {
    return lastComplete;
  }

  @Override
  public OutputSlice read(long cursor, int max) throws IOException {
    reads++;
    if (failure != null) {
      throw failure;
    }
    long first = Math.max(cursor, firstKept);
    int until = (int) Math.min(end(), first + max);
    byte[] bytes = Arrays.copyOfRange(written.toByteArray(), (int) first, until);
    return new OutputSlice(bytes, first, first - cursor, false, until == lastComplete);
  }

  @Override
  public Runnable onGrowth(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
