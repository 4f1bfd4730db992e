package dev.forkyard.examples.wordcount;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds text files. */
public final class TextFiles {
  private static final int BYTES_LOOKED_AT = 8_192;

  private TextFiles() {}

  /**
   * Finds the readable text files of a folder and of the folders in it, the smallest first. A link
   * to a file counts like a file, links to folders are not followed. A file is text when its first
   * 8 KiB have no zero byte.
   *
   * @param folder where to look
   * @return the files, numbered from 0
   * @throws IOException if the folder cannot be read
   */
  public static List<TextFile> in(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    Files.walkFileTree(folder.toRealPath(), new Finder(paths));
    record Found(Path path, long bytes) {}
    List<Found> found = new ArrayList<>();
    for (Path path : paths) {
      found.add(new Found(path, Files.size(path)));
    }
    found.sort(Comparator.comparingLong(Found::bytes).thenComparing(Found::path));
    List<TextFile> files = new ArrayList<>();
    for (Found file : found) {
      files.add(new TextFile(files.size(), file.path().toString(), file.bytes()));
    }
    return files;
  }

  private static boolean isText(Path path) {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      for (byte b : in.readNBytes(BYTES_LOOKED_AT)) {
        if (b == 0) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static final class Finder extends SimpleFileVisitor<Path> {
    private final List<Path> paths;

    Finder(List<Path> paths) {
      this.paths = paths;
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
      if (isText(path)) {
        paths.add(path);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException problem) {
      return FileVisitResult.CONTINUE;
    }
  }
}
