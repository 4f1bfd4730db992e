package dev.forkyard.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.client.internal.Protos;
import dev.forkyard.v1.AttachOptions;
import dev.forkyard.v1.DeleteProcessRequest;
import dev.forkyard.v1.GetProcessRequest;
import dev.forkyard.v1.OutputStream;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.ProcessServiceGrpc;
import dev.forkyard.v1.RestartProcessRequest;
import dev.forkyard.v1.RestartProcessResponse;
import dev.forkyard.v1.SignalProcessRequest;
import dev.forkyard.v1.StopProcessRequest;
import dev.forkyard.v1.StopProcessResponse;
import dev.forkyard.v1.WaitProcessRequest;
import dev.forkyard.v1.WaitProcessResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A process that the daemon owns. It lives on when this object is forgotten, and, unless it was
 * started with {@code daemon(true)}, when the session ends.
 *
 * <p>Thread-safe. Methods that declare {@link InterruptedException} wait for the process and can be
 * interrupted; the others are answered at once, and an interrupt neither breaks them off nor gets
 * lost. Futures complete on threads of the SDK; cancelling one ends the wait and nothing else.
 * Every method that asks the daemon may throw a {@link ForkyardException} with reason
 * PROCESS_NOT_FOUND once the process was deleted, or forgotten some time after its end.
 *
 * <h2>Comparison with multiprocessing</h2>
 *
 * {@link #join(Duration)} tells a time-out from an exit. {@link #terminate} and {@link #kill} reach
 * the whole process group, so that nothing is orphaned. {@link #exitStatus} tells code and signal
 * apart, and {@link #onExit} stands where Python has a {@code sentinel}. A process can be started
 * again under its id, see {@link #restart()}.
 *
 * <h2>Interop with java.lang.Process</h2>
 *
 * {@link #asProcess} is the same process for code that knows only the JDK's type.
 */
public sealed class ManagedProcess implements Waitable permits FunctionProcess {
  private final Wire wire;
  private final String id;
  private volatile int pid;

  ManagedProcess(Wire wire, ProcessInfo info) {
    this.wire = wire;
    this.id = info.getProcessId();
    this.pid = info.getPid();
  }

  /** {@return the id of the process} */
  public final String id() {
    return id;
  }

  /**
   * {@return its pid in the operating system} After a restart through another object it is that of
   * the earlier run, until {@link #info} was called.
   */
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
   * {@return what completes when the process has ended and its output is complete} The twin of
   * {@link #join()} that does not wait.
   */
  public final CompletableFuture<ExitStatus> onExit() {
    return wire.handOver(startWait(Optional.empty()), ManagedProcess::exitOf);
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
    ProcessSnapshot now =
        ProcessSnapshot.of(
            wire.call(
                    ProcessServiceGrpc.getGetProcessMethod(),
                    GetProcessRequest.newBuilder().setProcessId(id).build())
                .getProcess());
    pid = now.pid();
    return now;
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
   * Ends the process group: the stop signal, the grace, KILL. Waits for the end, which always
   * comes. The signal and the grace are those with which the process was started, else TERM and 10
   * seconds. A restart that is under way is called off.
   *
   * @return how the process ended, and who is left of its descendants
   * @throws InterruptedException if interrupted; the stop goes on
   */
  @CanIgnoreReturnValue
  public final StopResult stop() throws InterruptedException {
    return StopResult.of(Wire.await(startStop(Optional.empty())));
  }

  /**
   * Ends the process group, as {@link #stop()} does.
   *
   * @param grace time between the stop signal and KILL; zero kills at once
   * @return how the process ended, and who is left of its descendants
   * @throws InterruptedException if interrupted; the stop goes on
   */
  @CanIgnoreReturnValue
  public final StopResult stop(Duration grace) throws InterruptedException {
    return StopResult.of(Wire.await(startStop(Optional.of(grace))));
  }

  /**
   * Ends the process group, as {@link #stop()} does, without waiting.
   *
   * @return completes when the process has ended; cancelling it does not take the stop back
   */
  @CanIgnoreReturnValue
  public final CompletableFuture<StopResult> stopAsync() {
    return wire.handOver(startStop(Optional.empty()), StopResult::of);
  }

  /**
   * Ends the process group, as {@link #stop(Duration)} does, without waiting.
   *
   * @param grace time between the stop signal and KILL; zero kills at once
   * @return completes when the process has ended; cancelling it does not take the stop back
   */
  @CanIgnoreReturnValue
  public final CompletableFuture<StopResult> stopAsync(Duration grace) {
    return wire.handOver(startStop(Optional.of(grace)), StopResult::of);
  }

  /**
   * Runs the command again under the same id, as it was started; stops it first if it lives, as
   * {@link #stop()} does. Its output goes on where it was. Waits until the new run has started.
   *
   * @return the process in its new run
   * @throws ForkyardException with reason NOT_RESTARTABLE for a function; PROCESS_RESTARTING if
   *     another restart is under way; RESTART_CALLED_OFF if a stop came first; those of {@link
   *     Processes#start(ProcessSpec)} if the operating system refuses, and the process has ended
   *     then with a {@link ExitStatus#spawnFailure}
   * @throws InterruptedException if interrupted; the restart goes on
   */
  @CanIgnoreReturnValue
  public final ProcessSnapshot restart() throws InterruptedException {
    return restarted(Wire.await(startRestart()));
  }

  /**
   * Runs the command again, as {@link #restart()} does, without waiting.
   *
   * @return completes when the new run has started; cancelling it does not take the restart back
   */
  @CanIgnoreReturnValue
  public final CompletableFuture<ProcessSnapshot> restartAsync() {
    return wire.handOver(startRestart(), this::restarted);
  }

  /** {@return its standard input; each call answers the same input} */
  public final ProcessInput stdin() {
    return new ProcessInput(wire, id);
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
   * Attaches to the process: its output is received from now on, both streams in one order, and
   * input can be sent. Waits only for the daemon.
   *
   * @param receiver gets the output piece by piece on a thread of the SDK, never two at once. The
   *     next piece comes when it returns, so that a slow one fills no memory; output that is kept
   *     no more by then is told in the piece after it. It should not wait for other calls on this
   *     connection, and when it throws it is detached
   * @return the attachment; close it to detach
   */
  public final Attachment attach(Consumer<Attachment.Output> receiver) {
    return attach(0, receiver);
  }

  /**
   * Attaches to the process, as {@link #attach(Consumer)} does, with the end of the output so far.
   *
   * @param tailBytes how many bytes of each stream to receive first, at most
   * @param receiver gets the output
   * @return the attachment; close it to detach
   */
  public final Attachment attach(long tailBytes, Consumer<Attachment.Output> receiver) {
    return Attachment.open(
        wire,
        AttachOptions.newBuilder().setProcessId(id).setTailBytes(tailBytes).build(),
        receiver);
  }

  /**
   * {@return this process as the JDK's type} Input, output and ends are those of the JDK: {@code
   * exitValue} is 128 and the number of the signal after a signal (127 for a restart that could not
   * be started), and output begins with the current run. What is different:
   *
   * <ul>
   *   <li>{@code destroy} and {@code destroyForcibly} reach the whole process group;
   *   <li>{@code getOutputStream} takes input only if the process was started with one, and {@code
   *       getErrorStream} ends with the process even if nothing can come;
   *   <li>{@code toHandle}, {@code children} and {@code descendants} throw {@link
   *       UnsupportedOperationException}: this JVM may be on another machine, and is not the
   *       parent;
   *   <li>all methods that ask the daemon may throw a {@link ForkyardException}.
   * </ul>
   */
  public final Process asProcess() {
    return new ProcessView(this, info());
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

  /** Begins to wait until it has ended. */
  final Readiness readiness() {
    return Readiness.ofAnswer(
        startWait(Optional.empty()),
        () -> startWait(Optional.of(Duration.ZERO)),
        answer -> !answer.getTimedOut());
  }

  /** Begins to wait for the end. */
  final CompletableFuture<WaitProcessResponse> startWait(Optional<Duration> timeout) {
    WaitProcessRequest.Builder request = WaitProcessRequest.newBuilder().setProcessId(id);
    timeout.ifPresent(wait -> request.setTimeout(Protos.duration(wait)));
    return wire.start(ProcessServiceGrpc.getWaitProcessMethod(), request.build());
  }

  private CompletableFuture<StopProcessResponse> startStop(Optional<Duration> grace) {
    StopProcessRequest.Builder request = StopProcessRequest.newBuilder().setProcessId(id);
    grace.ifPresent(wait -> request.setGrace(Protos.duration(wait)));
    return wire.start(ProcessServiceGrpc.getStopProcessMethod(), request.build());
  }

  private CompletableFuture<ProcessInfo> startRestart() {
    RestartProcessRequest request = RestartProcessRequest.newBuilder().setProcessId(id).build();
    return wire.start(ProcessServiceGrpc.getRestartProcessMethod(), request)
        .thenApply(RestartProcessResponse::getProcess);
  }

  private ProcessSnapshot restarted(ProcessInfo info) {
    pid = info.getPid();
    return ProcessSnapshot.of(info);
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
