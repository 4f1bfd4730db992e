package dev.forkyard.server.testing;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** Files by which a test tells a worker something. */
public final class Marks {
  private Marks() {}

  /** Waits until there is a file, whose directory exists; can be interrupted. */
  public static void await(String file) throws IOException, InterruptedException {
    Path mark = Path.of(file);
    try (WatchService changes = FileSystems.getDefault().newWatchService()) {
      mark.resolveSibling("").register(changes, StandardWatchEventKinds.ENTRY_CREATE);
      while (!Files.exists(mark)) {
        WatchKey change = changes.take();
        change.pollEvents();
        change.reset();
      }
    }
  }
}
