package dev.forkyard.server.core;

import java.util.List;

/**
 * Why a call of a function has no result, in text. Immutable.
 *
 * @param poison every worker that ran the call died, as often as it was tried
 */
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
    int attempts,
    boolean poison) {

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
    return new Failure(kind, "", message, "", List.of(), "", "", "", "", 0, false);
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
        attempt,
        poison);
  }

  public Failure withEvidence(String exit, String tail) {
    return new Failure(
        kind,
        type,
        message,
        stackText,
        causes,
        language,
        workerProcessId,
        exit,
        tail,
        attempts,
        poison);
  }

  /** The same failure without stack, causes and last words, for all calls but the first. */
  public Failure bare() {
    return new Failure(
        kind,
        type,
        message,
        "",
        List.of(),
        language,
        workerProcessId,
        workerExit,
        "",
        attempts,
        poison);
  }

  /** The same error, for another reason. */
  public Failure as(Kind otherKind, String otherMessage) {
    return new Failure(
        otherKind,
        type,
        otherMessage,
        stackText,
        causes,
        language,
        workerProcessId,
        workerExit,
        stderrTail,
        attempts,
        poison);
  }

  /** The same failure of a call that is to be suspected. */
  public Failure asPoison() {
    return new Failure(
        kind,
        type,
        message,
        stackText,
        causes,
        language,
        workerProcessId,
        workerExit,
        stderrTail,
        attempts,
        true);
  }
}
