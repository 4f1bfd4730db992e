package dev.forkyard.client.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the user with jars that are named after their content. Several JVMs may use it at
 * the same time. A jar that nobody asked for in 30 days goes when another one comes.
 */
final class JarCache {
  private static final Duration KEEP = Duration.ofDays(30);
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final Path directory;

  private JarCache(Path directory) {
    this.directory = directory;
  }

  /** The cache of the current user. */
  static JarCache ofUser() {
    String base = System.getenv("XDG_CACHE_HOME");
    return base == null || base.isEmpty()
        ? in(Path.of(System.getProperty("user.home"), ".cache", "forkyard"))
        : in(Path.of(base, "forkyard"));
  }

  /**
   * A cache in a directory, which is made if it does not exist; strangers' directories are refused.
   */
  static JarCache in(Path directory) {
    try {
      Files.createDirectories(directory.toAbsolutePath().getParent());
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      refuseStrangers(directory);
      return new JarCache(directory.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The cache directory " + directory + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static void refuseStrangers(Path directory) throws IOException {
    Path probe = Files.createTempFile(directory, "probe", ".tmp");
    boolean own = Files.getOwner(directory).equals(Files.getOwner(probe));
    Files.delete(probe);
    Set<PosixFilePermission> open = EnumSet.copyOf(OTHERS);
    open.retainAll(Files.getPosixFilePermissions(directory));
    if (!own || !open.isEmpty()) {
      throw new IOException(
          "others can change it, and code is run from it; make it yours with mode 0700");
    }
  }

  /** Keeps a jar. */
  Path store(byte[] jar) throws IOException {
    MessageDigest digest = sha256();
    Path target = named(digest.digest(jar));
    if (!reuse(target)) {
      Path written = Files.createTempFile(directory, "new", ".tmp");
      try {
        Files.write(written, jar);
        publish(written, target);
      } finally {
        Files.deleteIfExists(written);
      }
    }
    return target;
  }

  /** Packs the files of a directory. One that vanishes meanwhile is as if it had never been. */
  Path pack(Path classes) throws IOException {
    List<Path> files = filesOf(classes);
    Path target = named(digest(classes, files, null));
    if (reuse(target)) {
      return target;
    }
    Path written = Files.createTempFile(directory, "new", ".tmp");
    try {
      try (ZipOutputStream jar =
          new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(written)))) {
        jar.setLevel(Deflater.BEST_SPEED);
        target = named(digest(classes, files, jar)); // what was packed, should a file have changed
      }
      publish(written, target);
    } finally {
      Files.deleteIfExists(written);
    }
    return target;
  }

  private static List<Path> filesOf(Path classes) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        classes,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
            if (facts.isRegularFile()) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException
                || failure instanceof FileSystemLoopException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    Collections.sort(files);
    return files;
  }

  /** Digests names and contents, and packs them on the way if there is a jar. */
  private static byte[] digest(Path classes, List<Path> files, @Nullable ZipOutputStream jar)
      throws IOException {
    MessageDigest digest = sha256();
    OutputStream content = jar == null ? OutputStream.nullOutputStream() : jar;
    DigestOutputStream out = new DigestOutputStream(content, digest);
    for (Path file : files) {
      try (InputStream bytes = Files.newInputStream(file)) {
        String name = classes.relativize(file).toString();
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(nameBytes.length).flip());
        digest.update(nameBytes);
        if (jar != null) {
          ZipEntry entry = new ZipEntry(name);
          entry.setTime(0);
          jar.putNextEntry(entry);
        }
        long size = bytes.transferTo(out);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(size).flip());
      } catch (NoSuchFileException vanished) {
        // whoever compiles again removes classes
      }
    }
    return digest.digest();
  }

  private Path named(byte[] digest) {
    return directory.resolve(HexFormat.of().formatHex(digest) + ".jar");
  }

  private static boolean reuse(Path jar) throws IOException {
    if (!Files.isRegularFile(jar)) {
      return false;
    }
    // not the time of its last change, by which archives of classes tell whether a jar is the same
    Files.getFileAttributeView(jar, BasicFileAttributeView.class)
        .setTimes(null, FileTime.from(Instant.now()), null);
    return true;
  }

  private void publish(Path written, Path target) throws IOException {
    Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    FileTime oldest = FileTime.from(Instant.now().minus(KEEP));
    try (Stream<Path> jars = Files.list(directory)) {
      for (Path jar : jars.toList()) {
        deleteIfOlder(jar, oldest);
      }
    }
  }

  private static void deleteIfOlder(Path jar, FileTime oldest) throws IOException {
    try {
      if (lastUse(jar).compareTo(oldest) < 0) {
        Files.deleteIfExists(jar);
      }
    } catch (NoSuchFileException gone) { // another program has moved or deleted it
    }
  }

  private static FileTime lastUse(Path jar) throws IOException {
    return Files.readAttributes(jar, BasicFileAttributes.class).lastAccessTime();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
