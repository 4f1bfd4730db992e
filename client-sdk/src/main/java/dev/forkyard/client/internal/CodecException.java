package dev.forkyard.client.internal;

/**
 * A value cannot be written as JSON, or JSON cannot be read as the wanted type. Its message is a
 * sentence for people.
 */
public final class CodecException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Creates it.
   *
   * @param message what is wrong and what to do
   * @param cause the error underneath
   */
  public CodecException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates it.
   *
   * @param message what is wrong and what to do
   */
  public CodecException(String message) {
    super(message);
  }
}
