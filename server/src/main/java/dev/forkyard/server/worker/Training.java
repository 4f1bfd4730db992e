package dev.forkyard.server.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forkyard.server.core.Scheduler;
import dev.forkyard.server.core.Scheduler.Scheduled;
import dev.forkyard.server.process.BackgroundChild;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the archives that were looked for and not there, one at a time: a worker that is no process
 * loads what workers need, and its virtual machine writes the archive when it ends. Each is tried
 * once. Thread-safe; no method waits.
 */
final class Training {
  private static final Logger log = Logger.getLogger(Training.class.getName());

  /** The first workers start undisturbed, and a daemon that soon ends trains nothing. */
  static final Duration DELAY = Duration.ofSeconds(2);

  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int MOST_WAITING = 16;
  private static final int MOST_REMEMBERED = 256;

  /** Starts a worker that makes an archive, and then ends. */
  interface Trainer {
    CompletableFuture<BackgroundChild> start(LaunchKey key, Archives.Wanted wanted, Path archive);
  }

  private record Lesson(LaunchKey key, Archives.Wanted wanted) {}

  private final Archives archives;
  private final Path folder;
  private final Trainer trainer;
  private final Scheduler scheduler;
  private final Executor files;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<Lesson> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Set<String> tried =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > MOST_REMEMBERED;
            }
          });

  @GuardedBy("lock")
  private boolean busy;

  @GuardedBy("lock")
  private boolean closed;

  @GuardedBy("lock")
  private @Nullable BackgroundChild running;

  /**
   * @param folder where archives are made; on the disk on which they are kept
   * @param files runs what touches files
   */
  Training(Archives archives, Path folder, Trainer trainer, Scheduler scheduler, Executor files) {
    this.archives = archives;
    this.folder = folder;
    this.trainer = trainer;
    this.scheduler = scheduler;
    this.files = files;
  }

  /** An archive is missing. */
  void want(LaunchKey key, Archives.Wanted wanted) {
    synchronized (lock) {
      if (closed || waiting.size() >= MOST_WAITING || !tried.add(wanted.name())) {
        return;
      }
      waiting.add(new Lesson(key, wanted));
    }
    scheduler.schedule(DELAY, this::next);
  }

  private void next() {
    Lesson lesson;
    synchronized (lock) {
      lesson = busy || closed ? null : waiting.poll();
      busy |= lesson != null;
    }
    if (lesson != null) {
      files.execute(() -> train(lesson));
    }
  }

  private void train(Lesson lesson) {
    Path archive = folder.resolve(lesson.wanted().name());
    CompletableFuture.completedFuture(lesson)
        .thenCompose(now -> trainer.start(now.key(), now.wanted(), archive))
        .thenCompose(this::followed)
        .handleAsync(
            (success, failure) -> finish(lesson, archive, failure == null && success), files)
        .thenRun(this::over);
  }

  private CompletableFuture<Boolean> followed(BackgroundChild child) {
    boolean late;
    synchronized (lock) {
      running = child;
      late = closed;
    }
    if (late) {
      child.giveUp();
    }
    Scheduled limit = scheduler.schedule(LONGEST, child::giveUp);
    return child
        .endedUnused()
        .thenApply(
            success -> {
              limit.cancel();
              return success;
            });
  }

  private boolean finish(Lesson lesson, Path archive, boolean success) {
    try {
      boolean made =
          success
              && Files.isRegularFile(archive)
              && lesson.key().equals(LaunchKey.of(lesson.key().spec()));
      if (made) {
        archives.keep(lesson.wanted(), archive);
      }
      clear(folder);
      return made;
    } catch (IOException full) {
      log.log(Level.FINE, "no archive for workers was made: " + full);
      return false;
    }
  }

  /** Removes what training runs have left. Blocks on the disk. */
  static void clear(Path folder) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void over() {
    synchronized (lock) {
      busy = false;
      running = null;
    }
    next();
  }

  /** Ends what runs, and begins nothing any more. */
  void close() {
    BackgroundChild child;
    synchronized (lock) {
      closed = true;
      child = running;
    }
    if (child != null) {
      child.giveUp();
    }
  }
}
