package dev.forkyard.client;

import dev.forkyard.v1.OutputPiece;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** An output stream of a process that is followed, as the input stream of whoever reads it. */
final class FollowedOutput extends InputStream {
  private final Follower follower;
  private ByteBuffer piece = ByteBuffer.allocate(0);

  FollowedOutput(Follower follower) {
    this.follower = follower;
  }

  @Override
  public int read() throws IOException {
    return fill() ? piece.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, available());
    piece.get(to, offset, count);
    return count;
  }

  @Override
  public int available() {
    return piece.remaining();
  }

  @Override
  public void close() {
    follower.close();
  }

  /** {@return the lines, read while they are asked for} */
  Stream<String> lines() {
    Spliterator<String> lines =
        Spliterators.spliteratorUnknownSize(
            new Lines(new BufferedReader(new InputStreamReader(this, StandardCharsets.UTF_8))),
            Spliterator.ORDERED | Spliterator.NONNULL);
    return StreamSupport.stream(lines, false).onClose(this::close);
  }

  /** Waits for bytes; false at the end. */
  private boolean fill() throws IOException {
    if (piece.hasRemaining()) {
      return true;
    }
    try {
      OutputPiece next = follower.next();
      if (next != null) {
        piece = next.getData().asReadOnlyByteBuffer();
      }
      return next != null;
    } catch (ForkyardException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for output");
    }
  }

  private static final class Lines implements Iterator<String> {
    private final BufferedReader reader;
    private @Nullable String next;

    Lines(BufferedReader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        next = read();
      }
      return next != null;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the output has ended");
      }
      String line = Objects.requireNonNull(next);
      next = null;
      return line;
    }

    private @Nullable String read() {
      try {
        return reader.readLine();
      } catch (InterruptedIOException e) {
        throw Wire.interrupted();
      } catch (IOException e) {
        throw e.getCause() instanceof ForkyardException refusal
            ? refusal
            : new UncheckedIOException(e);
      }
    }
  }
}
