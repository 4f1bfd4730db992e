package dev.forkyard.server.os;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Moves the output of all children into their logs, on one thread. */
final class OutputPump implements AutoCloseable {
  private final Poller poller;
  private final CopyBuffer buffer = new CopyBuffer();
  private final Set<OutputPipe> open = ConcurrentHashMap.newKeySet();

  /** Moves on the thread of this poller, and ends it in the end. */
  OutputPump(Poller poller) {
    this.poller = poller;
  }

  /** The thread on which it moves. */
  Poller poller() {
    return poller;
  }

  /** Begins with a stream; false when the kernel has no room. */
  boolean start(OutputPipe pipe) {
    open.add(pipe);
    return pipe.start(poller, buffer, () -> open.remove(pipe));
  }

  /** Moves all that a dead child wrote, then runs {@code then} on the output thread. */
  void finish(List<OutputPipe> pipes, Runnable then) {
    poller.execute(
        () -> {
          pipes.forEach(pipe -> pipe.finish(buffer));
          then.run();
        });
  }

  /** Keeps no more of these streams. */
  void discard(List<OutputPipe> pipes) {
    poller.execute(() -> pipes.forEach(OutputPipe::discard));
  }

  /** Lets go of these pipes. */
  void release(List<OutputPipe> pipes) {
    poller.execute(() -> pipes.forEach(OutputPipe::close));
  }

  /** Runs a task on the output thread. */
  void execute(Runnable task) {
    poller.execute(task);
  }

  /** Lets go of everything and ends the thread. */
  @Override
  public void close() {
    poller.execute(() -> List.copyOf(open).forEach(OutputPipe::close));
    poller.close();
    buffer.close();
  }
}
