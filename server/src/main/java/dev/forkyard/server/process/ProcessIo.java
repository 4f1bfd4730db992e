package dev.forkyard.server.process;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reply;
import dev.forkyard.server.core.WaiterLimit;
import dev.forkyard.server.process.CommandOptions.TerminalSize;
import dev.forkyard.server.process.OutputFollower.Taker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What goes into living processes and comes out of them. Thread-safe, and none of its methods
 * waits. What it refuses at once it throws as a {@link Fault}; what it refuses later goes to the
 * reply.
 */
public final class ProcessIo {
  private final ProcessManager processes;
  private final Executor files;
  private final WaiterLimit limit;

  /**
   * @param files runs what reads files
   * @param limit counts followers
   */
  public ProcessIo(ProcessManager processes, Executor files, WaiterLimit limit) {
    this.processes = processes;
    this.files = files;
    this.limit = limit;
  }

  /**
   * Writes to the standard input of a process, all or nothing; answers how many bytes its run has
   * accepted, these included.
   *
   * @param timeout how long to wait for the start and for room; null for ever
   */
  public void writeInput(String id, byte[] bytes, @Nullable Duration timeout, Reply<Long> reply) {
    InputBuffer.check(bytes);
    processes
        .owned(id)
        .io()
        .withInput(reply, bytes.length, timeout, (input, left) -> input.write(bytes, left, reply));
  }

  /** Ends the standard input of a process; answers whether it was open. */
  public void closeInput(String id, Reply<Boolean> reply) {
    processes
        .owned(id)
        .io()
        .withInput(reply, 0, null, (input, left) -> reply.answer(input.close()));
  }

  /** Whether something can be written to a process, now or as soon as it has started. */
  public boolean takesInput(String id) {
    return processes.owned(id).io().takesInput();
  }

  /** Whether a write was refused because nobody reads any more, and not because it was closed. */
  public static boolean isUnread(Fault refusal) {
    return InputFaults.isBecauseOfTheProcess(refusal);
  }

  /**
   * Changes the size of the terminal of a process; does nothing when it has ended.
   *
   * @throws Fault NO_TERMINAL when it has none
   */
  public void resize(String id, TerminalSize size) {
    processes.owned(id).io().resize(size);
  }

  /**
   * Hands output to a taker until it is complete, the process is forgotten, or the follower is
   * closed.
   */
  public OutputFollower follow(FollowRequest request, Taker taker) {
    OwnedProcess process = processes.owned(request.processId());
    List<FollowedStream> streams =
        request.streams().stream()
            .map(name -> FollowedStream.begin(request, name, process.liveOutput(name)))
            .toList();
    OutputFollower follower = new OutputFollower(process.id(), streams, taker, files, limit);
    process.io().followers().add(follower);
    return follower;
  }
}
