package dev.forkyard.client;

import com.google.rpc.ErrorInfo;
import dev.forkyard.client.internal.CodecException;
import dev.forkyard.client.internal.StatusDetails;
import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureCause;
import dev.forkyard.v1.FailureKind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The one place that turns refusals and failures into exceptions. */
final class Errors {
  private static final Set<String> PASSING =
      Set.of(
          "QUEUE_FULL",
          "PIPE_FULL",
          "POOL_FULL",
          "INPUT_FULL",
          "TOO_MANY_WAITERS",
          "TOO_MANY_PROCESSES",
          "TOO_MANY_POOLS",
          "TOO_MANY_LEASES",
          "TOO_MANY_QUEUES",
          "TOO_MANY_PIPES",
          "TOO_MANY_SESSIONS",
          "SYSTEM_LIMIT");

  private Errors() {}

  /** Turns whatever ended a call into what the caller gets. */
  static RuntimeException translate(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof StatusRuntimeException refusal) {
      return StatusDetails.hasReason(refusal, "CALLS_CANCELLED")
          ? cancelled(refusal)
          : refused(refusal);
    }
    if (cause instanceof CodecException codec) {
      return new ForkyardException(
          ForkyardException.Code.INVALID_ARGUMENT,
          "NOT_CONVERTIBLE",
          String.valueOf(codec.getMessage()),
          Map.of(),
          false,
          codec);
    }
    if (cause instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (cause instanceof Error serious) {
      throw serious;
    }
    return new IllegalStateException(cause);
  }

  /** Turns whatever ended a call into an exception of the SDK. */
  static ForkyardException root(Throwable error) {
    try {
      if (translate(error) instanceof ForkyardException known) {
        return known;
      }
    } catch (Error serious) {
      // its text is below
    }
    return new ForkyardException(
        ForkyardException.Code.INTERNAL, "INTERNAL", error.toString(), Map.of(), false, error);
  }

  /** {@return whether a call ended because the connection broke} */
  static boolean isConnectionLost(Throwable error) {
    return translate(error) instanceof ForkyardException refusal
        && refusal.reason().equals("CONNECTION_LOST");
  }

  /** {@return whether a call ended because its own time was over} */
  static boolean isDeadline(Throwable error) {
    return translate(error) instanceof ForkyardException refusal
        && refusal.code() == ForkyardException.Code.DEADLINE_EXCEEDED;
  }

  /** Makes a refusal of the SDK itself. */
  static ForkyardException of(ForkyardException.Code code, String reason, String message) {
    return new ForkyardException(code, reason, message, Map.of(), false, null);
  }

  /** Turns the failure of a call into what its caller gets. */
  static TaskFailedException taskFailed(Failure failure) {
    TaskFailedException.Kind kind =
        switch (failure.getKind()) {
          case FAILURE_KIND_ENCODE_ERROR -> TaskFailedException.Kind.ENCODE_ERROR;
          case FAILURE_KIND_DECODE_ERROR -> TaskFailedException.Kind.DECODE_ERROR;
          case FAILURE_KIND_WORKER_LOST -> TaskFailedException.Kind.WORKER_LOST;
          case FAILURE_KIND_CANCELLED -> TaskFailedException.Kind.CANCELLED;
          case FAILURE_KIND_POOL_FAILED -> TaskFailedException.Kind.POOL_FAILED;
          case FAILURE_KIND_TIMEOUT -> TaskFailedException.Kind.TIMEOUT;
          case FAILURE_KIND_TASK_ERROR, FAILURE_KIND_UNSPECIFIED, UNRECOGNIZED ->
              TaskFailedException.Kind.TASK_ERROR;
        };
    return new TaskFailedException(
        kind,
        failure.getType(),
        failure.getMessage(),
        failure.getStackText(),
        failure.getCausesList().stream().map(Errors::cause).toList(),
        failure.getWorkerProcessId(),
        failure.getWorkerExit(),
        failure.getStderrTail(),
        failure.getAttempts(),
        failure.getPoison());
  }

  private static TaskFailedException.RemoteCause cause(FailureCause cause) {
    return new TaskFailedException.RemoteCause(cause.getType(), cause.getMessage());
  }

  private static TaskFailedException cancelled(StatusRuntimeException refusal) {
    return taskFailed(
        Failure.newBuilder()
            .setKind(FailureKind.FAILURE_KIND_CANCELLED)
            .setMessage(String.valueOf(refusal.getStatus().getDescription()))
            .build());
  }

  private static ForkyardException refused(StatusRuntimeException refusal) {
    Status status = refusal.getStatus();
    ErrorInfo info = StatusDetails.errorInfo(refusal);
    boolean lost = info == null && StatusDetails.isBreak(status);
    String reason = info != null ? info.getReason() : lost ? "CONNECTION_LOST" : "";
    String detail = String.valueOf(status.getDescription());
    String message = lost ? "the connection to the daemon is lost (" + detail + ")" : detail;
    return new ForkyardException(
        lost
            ? ForkyardException.Code.UNAVAILABLE
            : ForkyardException.Code.valueOf(status.getCode().name()),
        reason,
        message,
        info == null ? Map.of() : info.getMetadataMap(),
        lost || status.getCode() == Status.Code.UNAVAILABLE || PASSING.contains(reason),
        refusal);
  }
}
