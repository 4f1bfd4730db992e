package dev.forkyard.server.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Archives of loaded classes, with which workers start faster: files in a folder, the oldest unused
 * of which go first. A file is named after what it was made of and how long it is, because a
 * virtual machine may crash with half an archive. Blocks on the disk; thread-safe.
 */
final class Archives {
  /**
   * What is kept.
   *
   * @param files most files
   * @param bytes most bytes of all
   */
  record Limits(int files, long bytes) {
    static final Limits DEFAULT = new Limits(32, 1L << 30);
  }

  /** An archive that can be made, whether it is there or not. */
  record Wanted(ArchiveKind kind, String name, List<String> flags) {}

  private final Path folder;
  private final Limits limits;

  /**
   * @param folder exists and belongs to the daemon alone
   */
  Archives(Path folder, Limits limits) {
    this.folder = folder;
    this.limits = limits;
  }

  /** What an archive for such workers would be; null when the JDK or a flag is against it. */
  static @Nullable Wanted wanted(LaunchKey key) {
    List<String> flags = JvmFlags.of(key.spec()).forArchive();
    ArchiveKind kind = ArchiveKind.of(key.java().programs());
    return kind == null || flags == null
        ? null
        : new Wanted(kind, name(kind, key.stamps(), flags), flags);
  }

  private static String name(ArchiveKind kind, List<String> stamps, List<String> flags) {
    String all = kind + "\n" + String.join("\n", stamps) + "\n" + String.join("\n", flags);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Finds an archive, which counts as used now; null when it is not there. */
  @Nullable Path find(Wanted wanted) {
    try (Stream<Path> files = Files.list(folder)) {
      Path found = files.filter(file -> isWhole(file, wanted)).findFirst().orElse(null);
      if (found != null) {
        Files.setLastModifiedTime(found, FileTime.from(Instant.now()));
      }
      return found;
    } catch (IOException unusable) {
      return null;
    }
  }

  private static boolean isWhole(Path file, Wanted wanted) {
    String name = file.getFileName().toString();
    try {
      return name.startsWith(wanted.name())
          && name.equals(wanted.name() + '-' + Files.size(file) + '.' + wanted.kind().suffix());
    } catch (IOException gone) {
      return false;
    }
  }

  /** Takes over a file that was made elsewhere on the same disk. */
  void keep(Wanted wanted, Path made) throws IOException {
    try (FileChannel bytes = FileChannel.open(made, StandardOpenOption.WRITE)) {
      bytes.force(true); // its name promises its length
    }
    String name = wanted.name() + '-' + Files.size(made) + '.' + wanted.kind().suffix();
    Files.move(made, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    trim();
  }

  private record Kept(Path file, FileTime used, long bytes) {
    static Kept of(Path file) throws IOException {
      return new Kept(file, Files.getLastModifiedTime(file), Files.size(file));
    }
  }

  private void trim() throws IOException {
    List<Kept> kept = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        kept.add(Kept.of(file));
      }
    }
    kept.sort(Collections.reverseOrder(Comparator.comparing(Kept::used)));
    long bytes = 0;
    for (int i = 0; i < kept.size(); i++) {
      bytes += kept.get(i).bytes();
      if (i >= limits.files() || bytes > limits.bytes()) {
        Files.deleteIfExists(kept.get(i).file());
      }
    }
  }
}
