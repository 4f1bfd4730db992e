package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.OutputExtent;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.os.OutputFolder;
import dev.forkyard.server.os.OutputLog;
import dev.forkyard.server.os.OutputSlice;
import dev.forkyard.server.os.ProcessOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The output of processes. Thread-safe; reads files only on the executor that it was given. */
public final class OutputStore {
  private static final Logger log = Logger.getLogger(OutputStore.class.getName());
  private static final int TAIL_BYTES = 4096;

  /** Stands for the limit that the daemon gives to a process where nobody asks for another. */
  static final long DEFAULT_LIMIT = 0;

  private final OutputFolder folder;
  private final long defaultLimit;
  private final Executor files;
  private final AtomicLong places = new AtomicLong();

  /**
   * @param defaultLimit most bytes on disk of a process that has no limit of its own
   * @param files runs what reads files
   */
  public OutputStore(OutputFolder folder, long defaultLimit, Executor files) {
    this.folder = folder;
    this.defaultLimit = defaultLimit;
    this.files = files;
  }

  /**
   * Answers a place for the output of a process, which makes no file yet.
   *
   * @param limit most bytes on disk, or {@link #DEFAULT_LIMIT}
   */
  ProcessOutput newOutput(String processId, long limit) {
    return folder.newOutput(
        processId + '.' + places.incrementAndGet(), limit == DEFAULT_LIMIT ? defaultLimit : limit);
  }

  void read(OwnedProcess process, OutputRead read, Reply<OutputChunk> reply) {
    // the end is looked at first: what is there then is everything
    boolean ended = process.hasEnded();
    OutputLog output = read.stream().of(process.identity().output());
    long from = position(read, output.extent());
    files.execute(
        () -> {
          try {
            OutputSlice slice = output.read(from, read.maxBytes());
            boolean end = ended && slice.next() >= output.exitBorder();
            OutputChunk chunk = OutputChunk.of(slice, end);
            reply.answer(read.asText() ? chunk.ofCharacters(read.tailBytes().isPresent()) : chunk);
          } catch (IOException gone) {
            log.log(Level.WARNING, "output of " + process.id() + " could not be read", gone);
            reply.refuse(
                new Fault(
                    Reason.INTERNAL,
                    "The output of process \"" + process.id() + "\" could not be read: " + gone));
          }
        });
  }

  private static long position(OutputRead read, OutputExtent extent) {
    if (read.tailBytes().isPresent()) {
      return Math.max(extent.start(), extent.end() - read.tailBytes().getAsLong());
    }
    long end = extent.end();
    if (read.cursor() < 0 || read.cursor() > end) {
      throw new Fault(
              Reason.CURSOR_OUT_OF_RANGE,
              "There are " + end + " bytes of output; the cursor must be 0 to " + end + ".")
          .with("cursor", read.cursor())
          .with("bytes", end);
    }
    return read.cursor();
  }

  CompletableFuture<String> stderrTail(ProcessOutput output) {
    return CompletableFuture.supplyAsync(() -> tail(output.stderr()), files)
        .exceptionally(lost -> "");
  }

  private static String tail(OutputLog output) {
    try {
      OutputSlice slice = output.read(Math.max(0, output.end() - TAIL_BYTES), TAIL_BYTES);
      return new String(slice.bytes(), StandardCharsets.UTF_8);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
