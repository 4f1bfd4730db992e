package dev.forkyard.server.daemon;

import dev.forkyard.server.os.Platform;
import dev.forkyard.server.os.Platform.Ownership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Folders that nobody else may write to. */
final class PrivateFolders {
  private static final int OTHERS_MAY_WRITE = 022;

  private PrivateFolders() {}

  /**
   * Makes a folder with mode 0700, or checks the one that is there.
   *
   * @throws StartFailure when it belongs to somebody else, others may write to it, or it is a link
   */
  static void ensure(Path folder, String option) throws StartFailure {
    try {
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Path parent = folder.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      check(folder, option);
    } catch (IOException refused) {
      throw new StartFailure(
          "the directory "
              + folder
              + " cannot be used ("
              + refused
              + "); choose another with "
              + option);
    }
  }

  private static void check(Path folder, String option) throws IOException, StartFailure {
    Ownership ownership = Platform.ownership(folder);
    String trouble = null;
    if (ownership.symbolicLink() || !Files.isDirectory(folder)) {
      trouble = "is not a directory but a link or a file";
    } else if (ownership.uid() != Platform.effectiveUid()) {
      trouble = "belongs to user " + ownership.uid();
    } else if ((ownership.mode() & OTHERS_MAY_WRITE) != 0) {
      trouble = "can be written to by others";
    }
    if (trouble != null) {
      throw new StartFailure(
          "the directory "
              + folder
              + " "
              + trouble
              + ", so it is not safe to use; remove it, or choose another with "
              + option);
    }
  }

  /** Deletes what is in a folder. */
  static void empty(Path folder) {
    delete(folder, false);
  }

  /** Deletes a folder with what is in it. */
  static void delete(Path folder) {
    delete(folder, true);
  }

  private static void delete(Path folder, boolean itself) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              if (itself || !visited.equals(folder)) {
                Files.deleteIfExists(visited);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    }
  }
}
