package dev.forkyard.server.os;

import dev.forkyard.server.core.OutputExtent;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One output stream of one process, over all its runs. A position (cursor) is the number of bytes
 * before it since the first run began, and means the same byte for ever, whether that byte is still
 * kept or not. Written on the output thread; everything public may be called on every thread.
 */
public final class OutputLog {
  private final ProcessOutput owner;
  private final OutputDisk disk;
  private final Path folder;
  private final String name;
  private final long segmentBytes;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** In order of their positions, all with bytes; there may be gaps between them. */
  private volatile List<OutputSegment> segments = List.of();

  /** Published after the segments that it tells of. */
  private volatile OutputExtent extent = OutputExtent.NONE;

  private volatile long exitBorder;

  /** Number of the run that writes now. */
  private final AtomicInteger run = new AtomicInteger(1);

  // of the output thread
  private @Nullable OutputSegment active;
  private long position;
  private long runStart;
  private long keptBytes;
  private long lateBytes;
  private long files;
  private long diskBytes;
  private boolean deleted;

  OutputLog(ProcessOutput owner, OutputDisk disk, Path folder, String name, long segmentBytes) {
    this.owner = owner;
    this.disk = disk;
    this.folder = folder;
    this.name = name;
    this.segmentBytes = segmentBytes;
  }

  /** Answers what was written so far and what is kept. */
  public OutputExtent extent() {
    return extent;
  }

  /** Position after the last byte that was written so far, kept or not. */
  public long end() {
    return extent.end();
  }

  /**
   * Where the output of the last run that has ended is complete; 0 before any has. What comes after
   * it was written by somebody whom that run left behind, or by a later run.
   */
  public long exitBorder() {
    return exitBorder;
  }

  /** Ends what it stands for; ending it again does nothing. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Tells a listener, on the output thread, after every growth, from now on. It must not block and
   * must not throw.
   */
  public Subscription onGrowth(Runnable listener) {
    Runnable own = () -> listener.run();
    listeners.add(own);
    return () -> listeners.remove(own);
  }

  /**
   * Reads what is kept at a position or after it. A slice is never longer than asked for, and
   * neither a gap nor the exit border is inside. Blocks on the disk.
   *
   * @param cursor 0 to {@link #end}
   * @param max most bytes
   * @throws IOException when the disk fails
   * @throws IllegalArgumentException for a cursor out of range
   */
  public OutputSlice read(long cursor, int max) throws IOException {
    if (cursor < 0 || cursor > end()) {
      throw new IllegalArgumentException("cursor " + cursor + " of " + end());
    }
    while (true) {
      SegmentReader now = now();
      try {
        return now.read(cursor, max);
      } catch (NoSuchFileException gone) {
        // whoever loses the race with a deletion looks again
        if (Objects.equals(now.at(cursor), now().at(cursor))) {
          throw gone;
        }
      }
    }
  }

  private SegmentReader now() {
    // positions first: what is before them and not in the segments is gone
    long border = exitBorder;
    long until = end();
    return new SegmentReader(segments, until, border);
  }

  /** Number of the run that writes now. */
  int run() {
    return run.get();
  }

  /**
   * Appends; what cannot be written leaves a gap, and what an earlier run left behind writes is
   * thrown away. Output thread.
   *
   * @param from the run that it comes from
   * @param late written after the exit of the process
   */
  void append(int from, long address, long count, boolean late) {
    if (deleted || from != run.get()) {
      return;
    }
    long done = 0;
    long result = 1;
    while (done < count && result > 0) {
      result = write(address + done, count - done, late);
      done += Math.max(0, result);
    }
    if (done < count) {
      position += count - done;
      owner.folder().failed(this, (int) -result, count - done);
    } else {
      owner.folder().succeeded(this);
    }
    lateBytes += late ? count : 0;
    publish(segments);
    listeners.forEach(Runnable::run);
  }

  private void publish(List<OutputSegment> now) {
    segments = List.copyOf(now);
    long first = now.isEmpty() ? position : now.get(0).start();
    extent = new OutputExtent(first, position, runStart, position - keptBytes, lateBytes);
  }

  /** Writes what goes into one segment; bytes written, or the negative errno. */
  private long write(long address, long count, boolean late) {
    OutputSegment segment = writable(late);
    long part = Math.min(count, segmentBytes - segment.length());
    while (owner.makeRoom(segment.diskBytes(part) - segment.diskBytes(0))) {
      // the oldest segment went, which may have been this one
      segment = writable(late);
      part = Math.min(count, segmentBytes - segment.length());
    }
    long before = segment.diskBytes(0);
    boolean first = segment.length() == 0;
    long written = segment.write(position, address, part);
    if (written > 0) {
      keptBytes += written;
      grow(segment.diskBytes(0) - before);
      position += written;
      if (first) {
        List<OutputSegment> more = new ArrayList<>(segments);
        more.add(segment);
        publish(more);
      }
    } else if (!segment.isEmptyFile()) {
      rest();
      active = null;
    }
    return written;
  }

  /** The segment that goes on at the end. */
  private OutputSegment writable(boolean late) {
    OutputSegment segment = active;
    if (segment != null
        && segment.late() == late
        && (segment.length() == 0 || segment.end() == position)
        && segment.length() < segmentBytes) {
      return segment;
    }
    rest();
    files++;
    segment = new OutputSegment(disk, folder.resolve(name + '.' + files), late);
    active = segment;
    return segment;
  }

  private void grow(long bytes) {
    diskBytes += bytes;
    owner.grow(bytes);
  }

  /** Bytes on disk. Output thread. */
  long diskBytes() {
    return diskBytes;
  }

  /** Removes the oldest segment. Output thread. */
  void dropOldest() {
    OutputSegment oldest = segments.get(0);
    keptBytes -= oldest.length();
    publish(segments.subList(1, segments.size()));
    if (oldest.equals(active)) {
      active = null;
    }
    grow(-oldest.diskBytes(0));
    int error = oldest.delete();
    if (error < 0) {
      owner.folder().notDeleted(oldest, -error);
    }
  }

  /** What comes from now on is of the next run. Output thread. */
  void nextRun() {
    run.incrementAndGet();
    runStart = position;
    rest();
    publish(segments);
  }

  /** The process has ended, and all that it wrote is here. Output thread. */
  void runEnded(int which) {
    if (which != run.get()) {
      return;
    }
    exitBorder = position;
    rest();
    owner.folder().forget(this);
  }

  /** Nothing is to be expected for now: lets go of the descriptor. Output thread. */
  void rest() {
    if (active != null) {
      active.rest();
    }
  }

  /** Removes everything; what still comes is thrown away. Output thread. */
  void delete() {
    deleted = true;
    rest();
    while (!segments.isEmpty()) {
      dropOldest();
    }
    active = null;
    owner.folder().forget(this);
  }
}
