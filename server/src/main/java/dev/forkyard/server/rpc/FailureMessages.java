package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
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

  /** What a worker says of a call. */
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
      case FAILURE_KIND_ENCODE_ERROR -> Failure.Kind.ENCODE_ERROR;
      case FAILURE_KIND_DECODE_ERROR -> Failure.Kind.DECODE_ERROR;
      case FAILURE_KIND_CANCELLED -> Failure.Kind.CANCELLED;
      default -> Failure.Kind.TASK_ERROR;
    };
  }
}
