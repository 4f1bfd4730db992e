package dev.forkyard.server.os;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file in which the next daemon finds what this one left, should both daemon and guard be
 * killed: a line for each process group that begins. It is not synchronised to the disk, as it only
 * matters until the machine stops.
 *
 * <p>The end of a group is not written. A line whose leader is gone does no harm, because nobody
 * has its pid and its start time again; it goes when the file is compacted. A ledger that cannot be
 * written is told once and changes nothing else: the guard still is there.
 */
final class Ledger implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Ledger.class.getName());
  static final int SPARE_LINES = 1000;

  private final Path file;
  private final String marker;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Integer, Long> groups = new HashMap<>();

  @GuardedBy("lock")
  private @Nullable FileChannel channel;

  @GuardedBy("lock")
  private long lines;

  /** The last line may be torn; the next begins on a line of its own. */
  @GuardedBy("lock")
  private boolean torn;

  private Ledger(Path file, String marker) {
    this.file = file;
    this.marker = marker;
  }

  /** Begins a ledger; it replaces what is there in one step. */
  static Ledger begin(Path file, String marker) {
    Ledger ledger = new Ledger(file, marker);
    synchronized (ledger.lock) {
      ledger.rewrite();
    }
    return ledger;
  }

  /** Records a group and the start time of its leader. Blocks on the disk. */
  void record(int group, long startTicks) {
    synchronized (lock) {
      groups.put(group, startTicks);
      append(LedgerEntries.line(group, startTicks));
      if (lines > 2L * groups.size() + SPARE_LINES) {
        rewrite();
      }
    }
  }

  /** Forgets a group that is empty. Does not touch the disk. */
  void strike(int group) {
    synchronized (lock) {
      groups.remove(group);
    }
  }

  @GuardedBy("lock")
  private void append(String line) {
    FileChannel to = channel;
    if (to == null) {
      return;
    }
    try {
      write(to, ((torn ? "\n" : "") + line).getBytes(StandardCharsets.US_ASCII));
      torn = false;
      lines++;
    } catch (IOException e) {
      if (!torn) {
        LOG.log(Level.WARNING, "the ledger cannot be written: " + e);
      }
      torn = true;
    }
  }

  @GuardedBy("lock")
  private void rewrite() {
    try {
      FileChannel replaced = replace();
      letGo();
      channel = replaced;
      lines = groups.size();
      torn = false;
    } catch (IOException e) {
      lines = 0; // not at once again
      LOG.log(Level.WARNING, "the ledger cannot be replaced: " + e);
    }
  }

  @GuardedBy("lock")
  private FileChannel replace() throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    FileChannel to = create(next);
    try {
      write(to, new LedgerEntries(marker, ProcFs.bootId(), groups).text());
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      return to;
    } catch (IOException e) {
      to.close();
      throw e;
    }
  }

  private static FileChannel create(Path path) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static void write(FileChannel to, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      to.write(left);
    }
  }

  @GuardedBy("lock")
  private void letGo() {
    FileChannel closing = channel;
    channel = null;
    try {
      if (closing != null) {
        closing.close();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the ledger was not closed: " + e);
    }
  }

  /** Removes the file: nothing was left. */
  void remove() {
    synchronized (lock) {
      if (channel == null) {
        return;
      }
      letGo();
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "the ledger cannot be removed: " + e);
      }
    }
  }

  /** Lets go of the file, which stays. */
  @Override
  public void close() {
    synchronized (lock) {
      letGo();
    }
  }
}
