package dev.forkyard.server.os;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of one start: those that the child gets, which go away with {@link #close}, and
 * ours, which do so too until they are handed over.
 */
final class ChildStreams implements AutoCloseable {
  private static final int NONE = -1;

  private final List<Integer> theirs = new ArrayList<>();
  private final List<Integer> ours = new ArrayList<>();
  private final boolean terminal;
  private PosixSpawn.Streams childSide = PosixSpawn.Streams.NULL_DEVICES;
  private int input = NONE;
  private int stdout = NONE;
  private int stderr = NONE;

  private ChildStreams(boolean terminal) {
    this.terminal = terminal;
  }

  /**
   * Makes all that there has to be.
   *
   * @throws SpawnException when the operating system refuses; nothing is left then
   */
  static ChildStreams open(Stdio stdio) throws SpawnException {
    ChildStreams streams = new ChildStreams(stdio instanceof Stdio.Terminal);
    try {
      if (stdio instanceof Stdio.Terminal size) {
        streams.openTerminal(size);
      } else if (stdio instanceof Stdio.Pipes pipes) {
        streams.openPipes(pipes);
      }
      return streams;
    } catch (SpawnException e) {
      streams.close();
      throw e;
    }
  }

  private void openTerminal(Stdio.Terminal size) throws SpawnException {
    stdout = keep(Sys.openTerminal(), "a terminal");
    // one descriptor to read and one to write, as each is watched and closed on its own
    input = keep(Sys.duplicate(stdout), "a descriptor for a terminal");
    Sys.setTerminalSize(stdout, size.rows(), size.columns());
    childSide = PosixSpawn.Streams.terminal(Sys.terminalPath(stdout));
  }

  private int keep(int fd, String what) throws SpawnException {
    if (fd < 0) {
      throw SpawnException.resources(-fd, what);
    }
    ours.add(fd);
    return fd;
  }

  private void openPipes(Stdio.Pipes pipes) throws SpawnException {
    int childInput = PosixSpawn.NULL_DEVICE;
    if (pipes.input()) {
      int[] ends = pipe(0, 1, "a pipe for the input of the new process");
      input = ends[1];
      childInput = ends[0];
      Sys.setNonBlocking(input, Sys.O_WRONLY);
    }
    int[] out = outputPipe();
    stdout = out[0];
    int childError = out[1];
    if (!pipes.merged()) {
      int[] error = outputPipe();
      stderr = error[0];
      childError = error[1];
    }
    childSide = new PosixSpawn.Streams(childInput, out[1], childError, "");
  }

  private int[] outputPipe() throws SpawnException {
    int[] ends = pipe(1, 0, "a pipe for the output of the new process");
    Sys.setNonBlocking(ends[0], Sys.O_RDONLY);
    return ends;
  }

  private int[] pipe(int their, int our, String what) throws SpawnException {
    int[] ends = new int[2];
    int error = Sys.pipe(ends);
    if (error < 0) {
      throw SpawnException.resources(-error, what);
    }
    theirs.add(ends[their]);
    ours.add(ends[our]);
    return ends;
  }

  /** What descriptors 0 to 2 of the child become. */
  PosixSpawn.Streams childSide() {
    return childSide;
  }

  /** Our sides of the outputs, for standard output and standard error. */
  List<OutputPipe> outputs(ProcessOutput logs) {
    return List.of(pipeOrNone(stdout, logs.stdout()), pipeOrNone(stderr, logs.stderr()));
  }

  private static OutputPipe pipeOrNone(int fd, OutputLog log) {
    return fd == NONE ? OutputPipe.none(log) : new OutputPipe(fd, log);
  }

  /** Our side of the input; null when there is none. */
  @Nullable ChildInput input(Poller poller) {
    if (input == NONE) {
      return null;
    }
    return terminal ? ChildInput.terminal(poller, input) : ChildInput.pipe(poller, input);
  }

  /** Our descriptors belong to those outputs and that input now. */
  void handOver() {
    ours.clear();
  }

  @Override
  public void close() {
    theirs.forEach(Sys::close);
    ours.forEach(Sys::close);
  }
}
