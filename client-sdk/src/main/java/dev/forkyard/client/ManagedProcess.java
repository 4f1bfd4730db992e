package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * A process that the daemon owns. It lives on when this object is forgotten, and, unless it was
 * started with {@code daemon(true)}, when the session ends.
 *
 * <p>Thread-safe. Every method may throw a {@link ForkyardException} with reason PROCESS_NOT_FOUND
 * once the process was deleted, or forgotten some time after its end.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@link #join(Duration)} tells a time-out from an exit. {@link #terminate} and {@link #kill} reach
 * the whole process group, so that nothing is orphaned.
 */
public sealed class ManagedProcess permits FunctionProcess {
  private final Wire wire;
  private final String id;
  private final int pid;

  ManagedProcess(Wire wire, String id, int pid) {
    this.wire = wire;
    this.id = id;
    this.pid = pid;
  }

  /** {@return the id of the process} */
  public final String id() {
    return id;
  }

  /** {@return its pid in the operating system} */
  public final int pid() {
    return pid;
  }

  /**
   * Waits until the process has ended and its output is complete.
   *
   * @return how it ended
   * @throws InterruptedException if interrupted; the process is untouched
   */
  @CanIgnoreReturnValue
  public final ExitStatus join() throws InterruptedException {
    return exitOf(Wire.await(startWait(Optional.empty())));
  }

  /**
   * Waits until the process has ended and its output is complete, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return how it ended
   * @throws TimeoutException if it has not ended in time; it is untouched
   * @throws InterruptedException if interrupted; the process is untouched
   */
  @CanIgnoreReturnValue
  public final ExitStatus join(Duration timeout) throws InterruptedException, TimeoutException {
    WaitProcessResponse answer = Wire.await(startWait(Optional.of(timeout)));
    if (answer.getTimedOut()) {
      throw new TimeoutException("the process " + id + " has not ended within " + timeout);
    }
    return exitOf(answer);
  }

  /**
   * Waits in the background.
   *
   * @return completes on a thread of the SDK when the process has ended; cancelling it leaves the
   *     process untouched
   */
  public final CompletableFuture<ExitStatus> joinAsync() {
    CompletableFuture<WaitProcessResponse> answer = startWait(Optional.empty());
    CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    var unused =
        answer.whenCompleteAsync(
            (response, error) -> {
              if (error != null) {
                exit.completeExceptionally(Errors.translate(error));
              } else {
                exit.complete(exitOf(response));
              }
            },
            wire.callbacks());
    var unusedToo =
        exit.whenComplete(
            (status, error) -> {
              if (exit.isCancelled()) {
                answer.cancel(true);
              }
            });
    return exit;
  }

  /** {@return whether the process lives} */
  public final boolean isAlive() {
    return info().isAlive();
  }

  /** {@return how the process ended; empty while it lives} */
  public final Optional<ExitStatus> exitStatus() {
    return info().exit();
  }

  /** {@return the state of the process now} */
  public final ProcessSnapshot info() {
    return ProcessSnapshot.of(
        wire.call(
                ProcessServiceGrpc.getGetProcessMethod(),
                GetProcessRequest.newBuilder().setProcessId(id).build())
            .getProcess());
  }

  /** Sends TERM to the process group and returns at once. Does nothing after its end. */
  public final void terminate() {
    sendSignal("TERM", true);
  }

  /** Sends KILL to the process group and returns at once. Does nothing after its end. */
  public final void kill() {
    sendSignal("KILL", true);
  }

  /**
   * Sends a signal to the process, not to its group, and returns at once.
   *
   * @param name the signal, with or without {@code SIG}
   * @return false if the process had ended before
   * @throws ForkyardException with reason UNKNOWN_SIGNAL
   */
  @CanIgnoreReturnValue
  public final boolean signal(String name) {
    return sendSignal(name, false);
  }

  /**
   * Ends the process group: TERM, the grace, KILL. Waits for the end, which always comes.
   *
   * @param grace time between TERM and KILL; zero kills at once
   * @return how the process ended
   * @throws InterruptedException if interrupted; the stop goes on
   */
  @CanIgnoreReturnValue
  public final ExitStatus stop(Duration grace) throws InterruptedException {
    StopProcessRequest request =
        StopProcessRequest.newBuilder().setProcessId(id).setGrace(Protos.duration(grace)).build();
    return ExitStatus.of(
        wire.callInterruptibly(ProcessServiceGrpc.getStopProcessMethod(), request)
            .getProcess()
            .getExit());
  }

  /** {@return its standard output} */
  public final ProcessOutput stdout() {
    return new ProcessOutput(wire, id, OutputStream.OUTPUT_STREAM_STDOUT);
  }

  /** {@return its standard error} */
  public final ProcessOutput stderr() {
    return new ProcessOutput(wire, id, OutputStream.OUTPUT_STREAM_STDERR);
  }

  /**
   * Has the daemon forget the process, which must have ended, and its output.
   *
   * @throws ForkyardException with reason PROCESS_RUNNING if it lives
   */
  public final void delete() {
    wire.call(
        ProcessServiceGrpc.getDeleteProcessMethod(),
        DeleteProcessRequest.newBuilder().setProcessId(id).build());
  }

  @Override
  public final String toString() {
    return "ManagedProcess[" + id + ", pid " + pid + "]";
  }

  final Wire wire() {
    return wire;
  }

  /** Begins to wait for the end. */
  final CompletableFuture<WaitProcessResponse> startWait(Optional<Duration> timeout) {
    WaitProcessRequest.Builder request = WaitProcessRequest.newBuilder().setProcessId(id);
    timeout.ifPresent(wait -> request.setTimeout(Protos.duration(wait)));
    return wire.start(ProcessServiceGrpc.getWaitProcessMethod(), request.build());
  }

  private static ExitStatus exitOf(WaitProcessResponse answer) {
    return ExitStatus.of(answer.getProcess().getExit());
  }

  private boolean sendSignal(String name, boolean wholeGroup) {
    SignalProcessRequest request =
        SignalProcessRequest.newBuilder()
            .setProcessId(id)
            .setSignal(name)
            .setWholeGroup(wholeGroup)
            .build();
    return wire.call(ProcessServiceGrpc.getSignalProcessMethod(), request).getSent();
  }
}
