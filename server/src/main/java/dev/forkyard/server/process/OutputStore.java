package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.os.OutputFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The folder with the output of processes. Thread-safe; touches files only on the executor that it
 * was given.
 */
public final class OutputStore {
  private static final Logger log = Logger.getLogger(OutputStore.class.getName());
  private static final int TAIL_BYTES = 4096;

  private final Path folder;
  private final Executor files;

  /**
   * @param folder exists and belongs to the daemon alone
   * @param files runs what touches files
   */
  public OutputStore(Path folder, Executor files) {
    this.folder = folder;
    this.files = files;
  }

  OutputPaths newPaths(String processId, long start) {
    String name = processId + "." + start;
    return new OutputPaths(folder.resolve(name + ".out"), folder.resolve(name + ".err"));
  }

  void read(
      OwnedProcess process,
      OutputStreamName stream,
      long cursor,
      int maxBytes,
      Reply<OutputChunk> reply) {
    // the end is looked at first: what is there then is everything
    ProcessSnapshot before = process.snapshot();
    long there = stream == OutputStreamName.STDOUT ? before.stdoutBytes() : before.stderrBytes();
    if (cursor < 0 || cursor > there) {
      throw new Fault(
              Reason.CURSOR_OUT_OF_RANGE,
              "There are " + there + " bytes of output; the cursor must be 0 to " + there + ".")
          .with("cursor", cursor)
          .with("bytes", there);
    }
    boolean ended = before.state() == ProcessState.EXITED;
    int wanted = (int) Math.min(maxBytes, there - cursor);
    files.execute(
        () -> {
          try {
            byte[] bytes = OutputFiles.read(process.identity().output().of(stream), cursor, wanted);
            long next = cursor + bytes.length;
            reply.answer(new OutputChunk(bytes, next, ended && next >= there));
          } catch (IOException gone) {
            log.log(Level.WARNING, "output of " + process.id() + " could not be read", gone);
            reply.refuse(
                new Fault(
                    Reason.INTERNAL,
                    "The output of process \"" + process.id() + "\" could not be read: " + gone));
          }
        });
  }

  CompletableFuture<String> stderrTail(OutputPaths paths) {
    return CompletableFuture.supplyAsync(() -> tail(paths.stderr()), files)
        .exceptionally(lost -> "");
  }

  private static String tail(Path file) {
    try {
      long size = Files.size(file);
      byte[] bytes = OutputFiles.read(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  void delete(OutputPaths paths) {
    files.execute(
        () -> {
          try {
            Files.deleteIfExists(paths.stdout());
            Files.deleteIfExists(paths.stderr());
          } catch (IOException left) {
            log.log(Level.WARNING, "output could not be deleted: " + left.getMessage());
          }
        });
  }
}
