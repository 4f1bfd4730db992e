package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.v1.FailureCause;
import dev.forkyard.v1.FailureKind;

/** Failures on the wire. */
final class FailureMessages {
  private static final String PREFIX = "FAILURE_KIND_";

  private FailureMessages() {}

  static dev.forkyard.v1.Failure wire(Failure failure) {
    dev.forkyard.v1.Failure.Builder wire =
        dev.forkyard.v1.Failure.newBuilder()
            .setKind(FailureKind.valueOf(PREFIX + failure.kind().name()))
            .setType(failure.type())
            .setMessage(failure.message())
            .setStackText(failure.stackText())
            .setLanguage(failure.language())
            .setWorkerProcessId(failure.workerProcessId())
            .setWorkerExit(failure.workerExit())
            .setStderrTail(failure.stderrTail())
            .setAttempts(failure.attempts())
            .setPoison(failure.poison());
    for (Failure.Cause cause : failure.causes()) {
      wire.addCauses(FailureCause.newBuilder().setType(cause.type()).setMessage(cause.message()));
    }
    return wire.build();
  }

  /**
   * What a worker says of a call.
   *
   * @throws Fault INVALID_ARGUMENT for a kind that is not a worker's to tell
   */
  static Failure of(dev.forkyard.v1.Failure wire) {
    return new Failure(
        kind(wire.getKind()),
        wire.getType(),
        wire.getMessage(),
        wire.getStackText(),
        wire.getCausesList().stream()
            .map(cause -> new Failure.Cause(cause.getType(), cause.getMessage()))
            .toList(),
        wire.getLanguage(),
        "",
        "",
        "",
        wire.getAttempts(),
        false);
  }

  private static Failure.Kind kind(FailureKind wire) {
    return switch (wire) {
      case FAILURE_KIND_UNSPECIFIED, FAILURE_KIND_TASK_ERROR -> Failure.Kind.TASK_ERROR;
      case FAILURE_KIND_ENCODE_ERROR -> Failure.Kind.ENCODE_ERROR;
      case FAILURE_KIND_DECODE_ERROR -> Failure.Kind.DECODE_ERROR;
      case FAILURE_KIND_CANCELLED -> Failure.Kind.CANCELLED;
      case FAILURE_KIND_WORKER_LOST, FAILURE_KIND_POOL_FAILED, FAILURE_KIND_TIMEOUT, UNRECOGNIZED ->
          throw Fault.invalid(
                  "failure.kind",
                  "A worker tells failures of kind TASK_ERROR, ENCODE_ERROR, DECODE_ERROR and"
                      + " CANCELLED; the others are the daemon's to tell.")
              .with("value", wire);
    };
  }
}
