package dev.forkyard.server.os;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * The output of one process over all its runs: two logs that share one hard limit on disk. At the
 * limit the log with more on disk loses its oldest bytes, so that a noisy stream does not push out
 * a quiet one. Costs no file and no descriptor before the first byte. May be called on every
 * thread.
 */
public final class ProcessOutput {
  private static final int SEGMENTS = 16;
  private static final long LARGEST_SEGMENT = 4L << 20;

  private final OutputFolder folder;
  private final long limit;
  private final OutputLog stdout;
  private final OutputLog stderr;

  ProcessOutput(OutputFolder folder, OutputDisk disk, Path directory, String name, long limit) {
    this.folder = folder;
    this.limit = limit;
    long segmentBytes = Math.min(limit / SEGMENTS, LARGEST_SEGMENT);
    stdout = new OutputLog(this, disk, directory, name + ".out", segmentBytes);
    stderr = new OutputLog(this, disk, directory, name + ".err", segmentBytes);
  }

  /** Standard output. */
  public OutputLog stdout() {
    return stdout;
  }

  /** Standard error. */
  public OutputLog stderr() {
    return stderr;
  }

  /** Most bytes that both logs take on disk. */
  public long limit() {
    return limit;
  }

  /**
   * Begins the next run: what is left of the runs before can write no more, which is thrown away. A
   * child started after that is the next run.
   *
   * @return completed on the output thread
   */
  public CompletableFuture<Void> nextRun() {
    return CompletableFuture.runAsync(
        () -> {
          stdout.nextRun();
          stderr.nextRun();
        },
        folder::execute);
  }

  /** Removes everything, on the output thread; what is still written is thrown away. */
  public void delete() {
    folder.execute(
        () -> {
          stdout.delete();
          stderr.delete();
        });
  }

  OutputFolder folder() {
    return folder;
  }

  /** Bytes of both logs on disk. Output thread. */
  long diskBytes() {
    return stdout.diskBytes() + stderr.diskBytes();
  }

  void grow(long bytes) {
    folder.grow(this, bytes);
  }

  /**
   * Drops a segment when so many more bytes would be too many; false when there is room. Output
   * thread.
   */
  boolean makeRoom(long more) {
    if (diskBytes() + more > limit) {
      dropOldest();
      return true;
    }
    return folder.makeRoom(more);
  }

  /** Drops the oldest segment of the larger log. */
  void dropOldest() {
    (stdout.diskBytes() >= stderr.diskBytes() ? stdout : stderr).dropOldest();
  }
}
