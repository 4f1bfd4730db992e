package dev.forkyard.client;

import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.FunctionOutcome;
import dev.forkyard.v1.ProcessInfo;
import dev.forkyard.v1.WaitProcessResponse;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process that runs one call of a function. Thread-safe.
 *
 * @param <R> type of the function's result
 */
public final class FunctionProcess<R extends @Nullable Object> extends ManagedProcess {
  private final Type resultType;

  FunctionProcess(Wire wire, ProcessInfo info, Type resultType) {
    super(wire, info);
    this.resultType = resultType;
  }

  /**
   * Waits until the process has ended.
   *
   * @return what the function returned
   * @throws TaskFailedException if it threw, or the process died before it returned
   * @throws InterruptedException if interrupted; the process is untouched
   */
  public R result() throws InterruptedException {
    return resultOf(Wire.await(startWait(Optional.empty())));
  }

  /**
   * Waits until the process has ended, no longer than said.
   *
   * @param timeout how long to wait; zero or less does not wait
   * @return what the function returned
   * @throws TaskFailedException if it threw, or the process died before it returned
   * @throws TimeoutException if the process has not ended in time; it is untouched
   * @throws InterruptedException if interrupted; the process is untouched
   */
  public R result(Duration timeout) throws InterruptedException, TimeoutException {
    WaitProcessResponse answer = Wire.await(startWait(Optional.of(timeout)));
    if (answer.getTimedOut()) {
      throw new TimeoutException("the process " + id() + " has not ended within " + timeout);
    }
    return resultOf(answer);
  }

  /**
   * {@return what completes with the result when the process has ended} The twin of {@link
   * #result()} that does not wait; completes on a thread of the SDK, with a {@link
   * TaskFailedException} if there is no result. Cancelling it leaves the process untouched.
   */
  public CompletableFuture<R> resultAsync() {
    return wire().handOver(startWait(Optional.empty()), this::resultOf);
  }

  private R resultOf(WaitProcessResponse answer) {
    FunctionOutcome outcome = answer.getOutcome();
    if (outcome.hasResult()) {
      return Values.decodeNullable(wire().codec(), outcome.getResult(), resultType);
    }
    if (outcome.hasFailure()) {
      throw Errors.taskFailed(outcome.getFailure());
    }
    throw Errors.taskFailed(
        Failure.newBuilder()
            .setKind(FailureKind.FAILURE_KIND_WORKER_LOST)
            .setWorkerProcessId(id())
            .setWorkerExit(ExitStatus.of(answer.getProcess().getExit()).toString())
            .setAttempts(1)
            .build());
  }
}
