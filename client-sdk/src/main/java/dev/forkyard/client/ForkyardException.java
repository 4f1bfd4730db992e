package dev.forkyard.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that Forkyard refused, or could not carry out. The root of everything the SDK throws on
 * its own account; its message says what is wrong and what to do.
 */
public class ForkyardException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What {@link #code()} answers. */
  private final Code code;

  /** What {@link #reason()} answers. */
  private final String reason;

  /** What {@link #metadata()} answers. */
  @SuppressWarnings("serial") // always an immutable map of strings, which can be serialised
  private final Map<String, String> metadata;

  /** What {@link #isRetryable()} answers. */
  private final boolean retryable;

  /** The coarse kinds of refusals, as gRPC names them. */
  public enum Code {
    /** The operation was cancelled. */
    CANCELLED,
    /** An error without a better name. */
    UNKNOWN,
    /** The request makes no sense, whatever the state of the daemon. */
    INVALID_ARGUMENT,
    /** A deadline passed before the answer came. */
    DEADLINE_EXCEEDED,
    /** What the request names does not exist. */
    NOT_FOUND,
    /** What the request wants to create exists already. */
    ALREADY_EXISTS,
    /** The caller may not do that. */
    PERMISSION_DENIED,
    /** A limit would be crossed. */
    RESOURCE_EXHAUSTED,
    /** The state of what the request names does not allow it. */
    FAILED_PRECONDITION,
    /** The operation was broken off. */
    ABORTED,
    /** A position beyond the end. */
    OUT_OF_RANGE,
    /** The daemon does not know this operation: it is older than the SDK. */
    UNIMPLEMENTED,
    /** A defect. */
    INTERNAL,
    /** The daemon cannot be reached. */
    UNAVAILABLE,
    /** Data is lost. */
    DATA_LOSS,
    /** The caller did not say who it is. */
    UNAUTHENTICATED
  }

  ForkyardException(
      Code code,
      String reason,
      String message,
      Map<String, String> metadata,
      boolean retryable,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.metadata = Map.copyOf(metadata);
    this.retryable = retryable;
  }

  /** {@return the coarse kind of the refusal} */
  public final Code code() {
    return code;
  }

  /**
   * {@return the machine-readable reason, such as {@code QUEUE_FULL}; empty if the answer carried
   * none}
   */
  public final String reason() {
    return reason;
  }

  /** {@return the variables of the message, by name} */
  public final Map<String, String> metadata() {
    return metadata;
  }

  /** {@return whether the same request may succeed later without anything being changed} */
  public final boolean isRetryable() {
    return retryable;
  }
}
