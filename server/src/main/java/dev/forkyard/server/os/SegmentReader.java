package dev.forkyard.server.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was kept of one stream at one moment, to be read on every thread.
 *
 * @param segments in order of their positions, with gaps where bytes are gone; the last may grow
 * @param end position after the last byte, kept or not, that had been written before {@code
 *     segments} was looked at
 * @param border position that no slice contains in its middle
 */
record SegmentReader(List<OutputSegment> segments, long end, long border) {

  /** Reads at a position or at the first kept one after it. */
  OutputSlice read(long cursor, int max) throws IOException {
    OutputSegment segment = at(cursor);
    long start = segment == null ? Math.max(cursor, end) : Math.max(cursor, segment.start());
    if (cursor < border && start >= border) {
      return new OutputSlice(new byte[0], border, border - cursor, false, true);
    }
    if (segment == null) {
      return new OutputSlice(new byte[0], start, start - cursor, false, start > cursor);
    }
    long limit = cursor < border ? border : Long.MAX_VALUE;
    byte[] bytes = bytes(segment, start, (int) Math.min(max, limit - start));
    long next = start + bytes.length;
    boolean closed = next == limit || !continues(next);
    return new OutputSlice(bytes, start, start - cursor, segment.late(), closed);
  }

  /** The segment with the byte at a position, or with the first one after it. */
  @Nullable OutputSegment at(long position) {
    for (OutputSegment segment : segments) {
      if (segment.end() > position) {
        return segment;
      }
    }
    return null;
  }

  private byte[] bytes(OutputSegment first, long start, int max) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length(first, start, max));
    OutputSegment segment = first;
    while (segment != null && bytes.hasRemaining()) {
      segment.read(start + bytes.position(), bytes);
      segment = following(segment);
    }
    return bytes.array();
  }

  private int length(OutputSegment first, long start, int max) {
    long there = first.end() - start;
    OutputSegment segment = following(first);
    while (segment != null && there < max) {
      there = segment.end() - start;
      segment = following(segment);
    }
    return (int) Math.min(max, there);
  }

  /** The segment whose bytes continue those of this one. */
  private @Nullable OutputSegment following(OutputSegment segment) {
    OutputSegment next = at(segment.end());
    return next != null && next.start() == segment.end() && next.late() == segment.late()
        ? next
        : null;
  }

  /**
   * False when the byte at this position is gone, or written at another time than the one before.
   */
  private boolean continues(long next) {
    OutputSegment before = at(next - 1);
    OutputSegment after = at(next);
    if (before == null || after == null) {
      return next >= end;
    }
    return after.start() <= next && after.late() == before.late();
  }
}
