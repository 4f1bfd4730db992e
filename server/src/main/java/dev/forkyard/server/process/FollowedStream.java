package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.os.OutputSlice;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The place of one follower in one stream. Not thread-safe: its follower takes care of that. */
final class FollowedStream {
  /** Most bytes of a piece. */
  static final int PIECE_BYTES = 64 << 10;

  private static final int NOTHING_HELD = -1;

  private final OutputStreamName name;
  private final LiveOutput output;
  private final boolean asText;
  private long cursor;
  private long dropped;

  /** It begins at a place that nobody chose for its character. */
  private boolean mayBeInside;

  /** Up to where the beginning of a character was seen that waits for its rest. */
  private long heldUntil = NOTHING_HELD;

  /** Where it ends, once that is known for good. */
  private long endsAt = LiveOutput.GOES_ON;

  private boolean over;

  private FollowedStream(
      OutputStreamName name, LiveOutput output, boolean asText, long cursor, boolean mayBeInside) {
    this.name = name;
    this.output = output;
    this.asText = asText;
    this.cursor = cursor;
    this.mayBeInside = mayBeInside;
  }

  /**
   * Begins at the place that a request names.
   *
   * @throws Fault CURSOR_OUT_OF_RANGE
   */
  static FollowedStream begin(FollowRequest request, OutputStreamName name, LiveOutput output) {
    long there = output.end();
    if (request.tailBytes() != null) {
      long complete = output.completeAt();
      long until = complete == LiveOutput.GOES_ON ? there : complete;
      long start = Math.max(output.firstKept(), until - request.tailBytes());
      return new FollowedStream(name, output, request.asText(), Math.min(start, until), true);
    }
    long cursor = name == OutputStreamName.STDOUT ? request.stdoutCursor() : request.stderrCursor();
    if (cursor < 0 || cursor > there) {
      throw outOfRange(cursor, there);
    }
    return new FollowedStream(name, output, request.asText(), cursor, false);
  }

  private static Fault outOfRange(long cursor, long there) {
    return new Fault(
            Reason.CURSOR_OUT_OF_RANGE,
            "There are " + there + " bytes of output; the cursor must be 0 to " + there + ".")
        .with("cursor", cursor)
        .with("bytes", there);
  }

  Runnable onGrowth(Runnable listener) {
    return output.onGrowth(listener);
  }

  /** Whether its end was read. */
  boolean isOver() {
    return over;
  }

  /** Ends where the last run has ended, even if the process runs again meanwhile. */
  void endWithTheLastRun() {
    if (endsAt == LiveOutput.GOES_ON) {
      endsAt = output.lastComplete();
    }
  }

  private long completeAt() {
    return endsAt == LiveOutput.GOES_ON ? output.completeAt() : endsAt;
  }

  /** Whether there is something to read. */
  boolean hasNews() {
    if (over) {
      return false;
    }
    return completeAt() != LiveOutput.GOES_ON || output.end() > Math.max(cursor, heldUntil);
  }

  /**
   * Reads the next piece; null when there is none that could be shown. Blocks on the disk.
   *
   * @throws IOException when the disk fails
   */
  @Nullable FollowedPiece read() throws IOException {
    long complete = completeAt(); // first, so that all of it can be read now
    if (complete != LiveOutput.GOES_ON && cursor >= complete) {
      over = true;
      return piece(new byte[0], true);
    }
    int most =
        complete == LiveOutput.GOES_ON
            ? PIECE_BYTES
            : (int) Math.min(PIECE_BYTES, complete - cursor);
    OutputSlice slice = output.read(cursor, most);
    cursor = slice.start();
    dropped += slice.dropped();
    byte[] bytes =
        asText ? characters(slice, slice.closed() || slice.next() == complete) : slice.bytes();
    return bytes.length == 0 ? null : piece(bytes, false);
  }

  /** Leaves out the parts of characters at the sides: what is gone, and what is to come. */
  private byte[] characters(OutputSlice slice, boolean closed) {
    byte[] bytes = slice.bytes();
    int from = mayBeInside || slice.dropped() > 0 ? Utf8.continuation(bytes) : 0;
    mayBeInside = mayBeInside && from == bytes.length;
    cursor += from;
    dropped += slice.dropped() > 0 ? from : 0;
    int to = closed ? bytes.length : Math.max(from, Utf8.wholeCharacters(bytes));
    if (!closed) {
      heldUntil = slice.next();
    }
    return Arrays.copyOfRange(bytes, from, to);
  }

  private FollowedPiece piece(byte[] bytes, boolean end) {
    FollowedPiece piece = new FollowedPiece(name, bytes, cursor, dropped, end);
    cursor = piece.nextCursor();
    dropped = 0;
    return piece;
  }
}
