package dev.forkyard.server.rpc;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Fault;
import dev.forkyard.v1.FailureCause;
import dev.forkyard.v1.FailureKind;

/** Failures on the wire. */
final class FailureMessages {
  private static final String PREFIX = "FAILURE_KIND_";

  /** Of a message or a stack. With all causes a failure so fits into what clients take, 16 MiB. */
  private static final int MOST_TEXT_BYTES = 1 << 20;

  private static final int MOST_CAUSES = 100;

  /** Of the type and the message of a cause, and other names. */
  private static final int MOST_NAME_BYTES = 32 << 10;

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
   * What a worker says of a call; one that says nothing is quoted so.
   *
   * @throws Fault INVALID_ARGUMENT for a kind that is not a worker's to tell
   */
  static Failure of(dev.forkyard.v1.Failure wire) {
    boolean isBlank = wire.getType().isEmpty() && wire.getMessage().isEmpty();
    return new Failure(
        kind(wire.getKind()),
        name(wire.getType()),
        isBlank ? "The worker gave no reason." : Shortened.to(MOST_TEXT_BYTES, wire.getMessage()),
        Shortened.to(MOST_TEXT_BYTES, wire.getStackText()),
        wire.getCausesList().stream()
            .limit(MOST_CAUSES)
            .map(cause -> new Failure.Cause(name(cause.getType()), name(cause.getMessage())))
            .toList(),
        name(wire.getLanguage()),
        "",
        "",
        "",
        wire.getAttempts(),
        false);
  }

  private static String name(String text) {
    return Shortened.to(MOST_NAME_BYTES, text);
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
