package dev.forkyard.server.os;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The folder with the output of all processes, and its hard limit: before more is written than
 * fits, the process with the most on disk loses its oldest bytes. May be called on every thread;
 * files are written and removed on the output thread only.
 */
public final class OutputFolder {
  private static final Logger LOG = System.getLogger(OutputFolder.class.getName());

  /** The least limit, in bytes; of all output as of one process. */
  public static final long LEAST_LIMIT = 64 << 10;

  private final Path directory;
  private final long limit;
  private final Executor outputThread;
  private final OutputDisk disk;

  // of the output thread
  private final Set<ProcessOutput> kept = new HashSet<>();
  private final Set<OutputLog> failing = new HashSet<>();
  private boolean inTrouble;
  private long lostBytes;

  private final AtomicLong diskBytes = new AtomicLong();

  /**
   * @param directory exists and belongs to the daemon alone
   * @param limit most bytes on disk in all, in whole blocks of 4 KiB; {@link #LEAST_LIMIT} or more
   * @param outputThread runs what it is given one at a time, on the thread that writes; see {@link
   *     Children#outputThread}
   */
  public OutputFolder(Path directory, long limit, Executor outputThread) {
    this(directory, limit, outputThread, new OutputDisk());
  }

  OutputFolder(Path directory, long limit, Executor outputThread, OutputDisk disk) {
    this.directory = directory;
    this.limit = checked(limit);
    this.outputThread = outputThread;
    this.disk = disk;
  }

  private static long checked(long limit) {
    if (limit < LEAST_LIMIT) {
      throw new IllegalArgumentException("an output limit of " + limit + " bytes");
    }
    return limit;
  }

  /**
   * Answers a place for the output of a process. No file is made yet.
   *
   * @param name begins the names of its files; never used before in this folder
   * @param processLimit most bytes on disk; {@link #LEAST_LIMIT} or more. Never more than the limit
   *     of the folder is used
   */
  public ProcessOutput newOutput(String name, long processLimit) {
    return new ProcessOutput(this, disk, directory, name, Math.min(checked(processLimit), limit));
  }

  /** Answers how many bytes are on disk, in whole blocks. */
  public long diskBytes() {
    return diskBytes.get();
  }

  void execute(Runnable task) {
    outputThread.execute(task);
  }

  /** Has more on disk, or less. */
  void grow(ProcessOutput output, long bytes) {
    diskBytes.addAndGet(bytes);
    if (output.diskBytes() > 0) {
      kept.add(output);
    } else {
      kept.remove(output);
    }
  }

  /** Drops a segment when so many more bytes would be too many; false when there is room. */
  boolean makeRoom(long more) {
    if (diskBytes.get() + more <= limit) {
      return false;
    }
    kept.stream()
        .max(Comparator.comparingLong(ProcessOutput::diskBytes))
        .ifPresent(ProcessOutput::dropOldest);
    return true;
  }

  /** Bytes could not be written. Said once, until all is well again. */
  void failed(OutputLog log, int errno, long bytes) {
    if (!inTrouble) {
      inTrouble = true;
      lostBytes = 0;
      LOG.log(
          Level.WARNING,
          "output of processes cannot be written to {0} and is lost: {1}",
          directory,
          Sys.errnoText(errno));
    }
    failing.add(log);
    lostBytes += bytes;
  }

  /** A log was written to. */
  void succeeded(OutputLog log) {
    failing.remove(log);
    if (inTrouble && failing.isEmpty()) {
      inTrouble = false;
      LOG.log(
          Level.INFO,
          "output of processes is written to {0} again; {1} bytes were lost",
          directory,
          Long.toString(lostBytes));
    }
  }

  /** Nothing is expected of a log any more, neither success nor failure. */
  void forget(OutputLog log) {
    failing.remove(log);
  }

  void notDeleted(OutputSegment segment, int errno) {
    LOG.log(
        Level.WARNING,
        "output in {0} could not be removed: {1}",
        segment.path(),
        Sys.errnoText(errno));
  }
}
