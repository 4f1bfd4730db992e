package dev.forkyard.server.worker;

import dev.forkyard.server.core.Done;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.ProcessManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The files of one Java worker: its argument file and its journal. Touches them only on the
 * executor that it was given.
 */
final class WorkerFiles {
  private static final Logger log = Logger.getLogger(WorkerFiles.class.getName());

  private final Path arguments;
  private final Path journal;
  private final ProcessManager processes;
  private final Function<String, Payload> jsonPayload;
  private final Executor files;

  WorkerFiles(
      Path folder,
      String name,
      ProcessManager processes,
      Function<String, Payload> jsonPayload,
      Executor files) {
    this.arguments = folder.resolve(name + ".args");
    this.journal = folder.resolve(name + ".journal");
    this.processes = processes;
    this.jsonPayload = jsonPayload;
    this.files = files;
  }

  Path arguments() {
    return arguments;
  }

  Path journal() {
    return journal;
  }

  /**
   * Makes both files.
   *
   * @param javaArguments is asked where files may be touched
   */
  CompletableFuture<Done> create(Supplier<String> javaArguments) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            Files.writeString(arguments, javaArguments.get(), StandardCharsets.UTF_8);
            WorkerJournal.create(journal);
            return Done.DONE;
          } catch (IOException full) {
            throw new UncheckedIOException(full);
          }
        },
        files);
  }

  /** Reads what is left of the worker, and deletes it. Never fails. */
  CompletableFuture<WorkerRemains> remains(String processId) {
    CompletableFuture<WorkerJournal> read =
        CompletableFuture.supplyAsync(
            () -> {
              WorkerJournal left = WorkerJournal.read(journal);
              delete();
              return left;
            },
            files);
    return read.thenCombine(processes.stderrTail(processId), this::remains);
  }

  private WorkerRemains remains(WorkerJournal left, String stderrTail) {
    WorkerJournal.Batch batch = left.unsent();
    Results unsent =
        batch == null
            ? null
            : new Results(
                batch.number(), batch.first(), batch.count(), jsonPayload.apply(batch.json()));
    return new WorkerRemains(unsent, left.running(), stderrTail);
  }

  /** Deletes both files. Blocks on the disk. */
  void delete() {
    try {
      Files.deleteIfExists(arguments);
      Files.deleteIfExists(journal);
    } catch (IOException left) {
      log.log(Level.WARNING, "files of a worker could not be deleted: " + left.getMessage());
    }
  }
}
