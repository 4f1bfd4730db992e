package dev.forkyard.client;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * A call that has no result: the function threw, or its worker could not run it to the end.
 *
 * <p>What the function threw stays in its process; here is its text, so that no exception can fail
 * to be brought across. The message holds the remote type and message, and the last lines that a
 * lost worker wrote to standard error. The {@linkplain #getCause() cause} prints as the stack trace
 * in the worker, causes included; {@link #remoteStack()} is its text as the worker printed it.
 */
public final class TaskFailedException extends ForkyardException {
  private static final long serialVersionUID = 1;
  private static final int MOST_LINES = 10;

  /** What {@link #kind()} answers. */
  private final Kind kind;

  /** What {@link #remoteType()} answers. */
  private final String remoteType;

  /** What {@link #remoteMessage()} answers. */
  private final String remoteMessage;

  /** What {@link #remoteStack()} answers. */
  private final String remoteStack;

  /** What {@link #causes()} answers. */
  @SuppressWarnings("serial") // always an immutable list of records, which can be serialised
  private final List<RemoteCause> causes;

  /** What {@link #workerProcessId()} answers. */
  private final String workerProcessId;

  /** What {@link #workerExit()} answers. */
  private final String workerExit;

  /** What {@link #stderrTail()} answers. */
  private final String stderrTail;

  /** What {@link #attempts()} answers. */
  private final int attempts;

  /** What {@link #isPoison()} answers. */
  private final boolean poison;

  /** What kept a call from having a result. */
  public enum Kind {
    /** The function threw. */
    TASK_ERROR,
    /** The result could not be encoded, or has more than 15 MiB. */
    ENCODE_ERROR,
    /** The function was not found, or the arguments could not be decoded for it. */
    DECODE_ERROR,
    /** The worker process died while it ran the call. */
    WORKER_LOST,
    /**
     * The call was cancelled, or the pool was terminated, or its owner went away, before the call
     * finished.
     */
    CANCELLED,
    /** The workers of the pool cannot be started, or its initializer fails. */
    POOL_FAILED,
    /** The call ran longer than the pool allows. */
    TIMEOUT
  }

  /**
   * One error of the chain of causes.
   *
   * @param type its type in the worker's language
   * @param message its message
   * @serial exclude
   */
  public record RemoteCause(String type, String message) implements Serializable {}

  TaskFailedException(
      Kind kind,
      String remoteType,
      String remoteMessage,
      String remoteStack,
      List<RemoteCause> causes,
      String workerProcessId,
      String workerExit,
      String stderrTail,
      int attempts,
      boolean poison) {
    super(
        kind == Kind.CANCELLED ? Code.CANCELLED : Code.ABORTED,
        kind.name(),
        sentence(kind, remoteType, remoteMessage, stderrTail),
        Map.of(),
        false,
        RemoteStack.of(workerProcessId, remoteStack));
    this.kind = kind;
    this.remoteType = remoteType;
    this.remoteMessage = remoteMessage;
    this.remoteStack = remoteStack;
    this.causes = List.copyOf(causes);
    this.workerProcessId = workerProcessId;
    this.workerExit = workerExit;
    this.stderrTail = stderrTail;
    this.attempts = attempts;
    this.poison = poison;
  }

  /** {@return what kept the call from having a result} */
  public Kind kind() {
    return kind;
  }

  /** {@return the type of the error in the worker's language; empty if there was none} */
  public String remoteType() {
    return remoteType;
  }

  /** {@return the message of the error} */
  public String remoteMessage() {
    return remoteMessage;
  }

  /**
   * {@return the stack trace as the worker printed it, causes included; empty if there was none}
   */
  public String remoteStack() {
    return remoteStack;
  }

  /** {@return the chain of causes, nearest first} */
  public List<RemoteCause> causes() {
    return causes;
  }

  /** {@return the process in which it happened; empty if there was none} */
  public String workerProcessId() {
    return workerProcessId;
  }

  /** {@return how a lost worker ended, such as {@code exit code 3}; empty if it was not lost} */
  public String workerExit() {
    return workerExit;
  }

  /** {@return the end of what a lost worker wrote to standard error} */
  public String stderrTail() {
    return stderrTail;
  }

  /** {@return how many times the call was started; 0 if it never was} */
  public int attempts() {
    return attempts;
  }

  /**
   * {@return whether the call was run again as often as the pool allows, and its worker died each
   * time, or three workers died before they began it} It is to be suspected then, not the workers.
   */
  public boolean isPoison() {
    return poison;
  }

  /** {@return the failure of a call that its caller has given up} */
  static TaskFailedException byCaller() {
    return new TaskFailedException(
        Kind.CANCELLED,
        "",
        "the caller has cancelled the call",
        "",
        List.of(),
        "",
        "",
        "",
        0,
        false);
  }

  private static String sentence(Kind kind, String type, String message, String stderrTail) {
    StringBuilder text = new StringBuilder(type);
    if (!type.isEmpty() && !message.isEmpty()) {
      text.append(": ");
    }
    text.append(message.isEmpty() && type.isEmpty() ? kind.name() : message);
    if ((kind == Kind.WORKER_LOST || kind == Kind.POOL_FAILED) && !stderrTail.isBlank()) {
      text.append("\nIts standard error ends with:");
      List<String> lines = stderrTail.strip().lines().toList();
      lines.stream()
          .skip(Math.max(0, lines.size() - MOST_LINES))
          .forEach(line -> text.append("\n  ").append(line));
    }
    return text.toString();
  }
}
