package dev.forkyard.server.rpc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a daemon keeps of output, seen from outside. */
final class OutputOnDisk {
  private OutputOnDisk() {}

  /** Files with the output of a process. */
  static List<Path> files(Path folder, String processId) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(processId + "."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of everything in the folder, in whole blocks. */
  static long bytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(OutputOnDisk::blocks).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long blocks(Path file) {
    try {
      return (Files.size(file) + 4095) / 4096 * 4096;
    } catch (IOException gone) {
      return 0;
    }
  }
}
