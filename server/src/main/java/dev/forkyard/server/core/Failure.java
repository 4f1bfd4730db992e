package dev.forkyard.server.core;

import java.util.List;

/** Why a call of a function has no result, in text. Immutable. */
public record Failure(
    Kind kind,
    String type,
    String message,
    String stackText,
    List<Cause> causes,
    String language,
    String workerProcessId,
    String workerExit,
    String stderrTail,
    int attempts) {

  /** What kept the call from having a result. */
  public enum Kind {
    TASK_ERROR,
    ENCODE_ERROR,
    DECODE_ERROR,
    WORKER_LOST,
    CANCELLED,
    POOL_FAILED,
    TIMEOUT
  }

  /** One error of a cause chain. */
  public record Cause(String type, String message) {}

  /** A failure that no code of a user took part in. */
  public static Failure of(Kind kind, String message) {
    return new Failure(kind, "", message, "", List.of(), "", "", "", "", 0);
  }

  public Failure in(String processId, int attempt) {
    return new Failure(
        kind,
        type,
        message,
        stackText,
        causes,
        language,
        processId,
        workerExit,
        stderrTail,
        attempt);
  }

  public Failure withEvidence(String exit, String tail) {
    return new Failure(
        kind, type, message, stackText, causes, language, workerProcessId, exit, tail, attempts);
  }
}
