package dev.forkyard.server.os;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A process started by {@link Children}, leader of a session and process group of its own. All
 * methods may be called on every thread, at every time, and none waits.
 */
public final class Child {
  private final OwnedPid process;
  private final long startTicks;
  private final List<OutputPipe> outputs;
  private final ProcessGroups groups;
  private final OutputPump pump;
  private final @Nullable ChildInput input;

  Child(
      OwnedPid process,
      long startTicks,
      List<OutputPipe> outputs,
      ProcessGroups groups,
      OutputPump pump,
      @Nullable ChildInput input) {
    this.process = process;
    this.startTicks = startTicks;
    this.outputs = outputs;
    this.groups = groups;
    this.pump = pump;
    this.input = input;
  }

  /** Answers the pid, which is the number of its process group and session too. */
  public int pid() {
    return process.pid();
  }

  /**
   * Signals the process.
   *
   * @return false when it is gone, or the kernel does not allow it (a setuid program)
   */
  public boolean signal(Signal signal) {
    return process.signal(signal);
  }

  /**
   * Signals every member of its process group. Once the process itself is gone, only members that
   * carry the daemon's marker are.
   *
   * @return completed at once while the process is there, otherwise on a thread of this package,
   *     with false when nobody was left
   */
  public CompletableFuture<Boolean> signalGroup(Signal signal) {
    return process.signalGroup(signal)
        ? CompletableFuture.completedFuture(true)
        : groups.signalMembers(this, signal);
  }

  /** Answers whether it has not ended. */
  public boolean isAlive() {
    return !process.reaped();
  }

  /** Answers whether it has ended and has left nobody in its process group. */
  public boolean isGroupEmpty() {
    return groups.isEmpty(this);
  }

  /**
   * Answers the pids in its process group that are alive. Once the process itself is gone, only
   * members that carry the daemon's marker count.
   *
   * @return completed at once when it is empty, otherwise on a thread of this package after a look
   *     at all processes of the machine
   */
  public CompletableFuture<List<Integer>> groupMembers() {
    return groups.members(this);
  }

  /** Answers the way to its standard input; null when that is {@code /dev/null}. */
  public @Nullable ChildInput input() {
    return input;
  }

  /**
   * Changes the size of its terminal; the kernel tells the foreground processes by {@code WINCH}.
   *
   * @param rows 1 to 65,535
   * @param columns 1 to 65,535
   * @return false when it has no terminal, or has ended
   */
  public boolean resize(int rows, int columns) {
    return input != null && input.resize(rows, columns);
  }

  /**
   * Answers the pids of living processes, in whatever group, that were started with a variable in
   * their environment. A process that cleared its environment is not found.
   *
   * @return completed on a thread of this package
   */
  public CompletableFuture<List<Integer>> carriers(String name, String value) {
    return groups.carriers(name + '=' + value);
  }

  /**
   * Keeps no more output: what is still written, by a grandchild for example, is read and thrown
   * away.
   */
  public void discardOutput() {
    pump.discard(outputs());
  }

  OwnedPid process() {
    return process;
  }

  /** When it was started, in clock ticks since boot. */
  long startTicks() {
    return startTicks;
  }

  List<OutputPipe> outputs() {
    return outputs;
  }

  /** Nothing can be written any more. */
  void releaseInput() {
    if (input != null) {
      input.release();
    }
  }
}
