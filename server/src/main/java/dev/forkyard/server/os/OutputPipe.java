package dev.forkyard.server.os;

import dev.forkyard.server.os.Poller.Watch;
import org.jspecify.annotations.Nullable;

/**
 * The pipe (or terminal) of one stream of one child: what comes out is appended to a log. Used on
 * the output thread only, but for {@link #start}.
 */
final class OutputPipe {
  /** More than a terminal holds, which does not tell all of it. */
  private static final long TERMINAL_BYTES = 256 * 1024;

  private final int pipe;
  private final OutputLog log;
  private final int run;
  private boolean exited;
  private boolean discarding;
  private boolean open;
  private @Nullable Watch watch;
  private Runnable onEnd = () -> {};

  /** Takes over the descriptor. */
  OutputPipe(int pipe, OutputLog log) {
    this.pipe = pipe;
    this.log = log;
    this.run = log.run();
    this.open = pipe >= 0;
  }

  /** For a stream into which nothing can be written. */
  static OutputPipe none(OutputLog log) {
    return new OutputPipe(-1, log);
  }

  /**
   * Begins to move; false when the kernel has no room. {@code onEnd} runs when the descriptor is
   * closed.
   */
  boolean start(Poller poller, CopyBuffer buffer, Runnable onEnd) {
    if (!open) {
      onEnd.run();
      return true;
    }
    this.onEnd = onEnd;
    watch = poller.watch(pipe, Poller.IN, () -> move(buffer));
    return watch != null;
  }

  /**
   * The child has ended: moves what the pipe holds now, with which its output is complete. A
   * grandchild that goes on writing does not prolong it.
   */
  void finish(CopyBuffer buffer) {
    moveAllPresent(buffer);
    exited = true;
    if (!discarding) {
      log.runEnded(run);
    }
  }

  private void moveAllPresent(CopyBuffer buffer) {
    long present = open ? Math.max(Sys.readable(pipe), TERMINAL_BYTES) : 0;
    long moved = move(buffer);
    while (moved > 0 && present > 0) {
      present -= moved;
      moved = move(buffer);
    }
  }

  /** Moves once; bytes moved, 0 at the end, negative when there is nothing at present. */
  private long move(CopyBuffer buffer) {
    if (!open) {
      return 0;
    }
    long count = Sys.read(pipe, buffer.address(), buffer.size());
    if (count > 0) {
      if (!discarding) {
        log.append(run, buffer.address(), count, exited);
      }
    } else if (count != -Sys.EAGAIN) {
      close();
    }
    return count;
  }

  /** From now on output is read and thrown away. */
  void discard() {
    if (!discarding) {
      discarding = true;
      log.rest();
    }
  }

  void close() {
    if (open) {
      open = false;
      if (watch != null) {
        watch.end();
      }
      Sys.close(pipe);
      log.rest();
      onEnd.run();
    }
  }
}
