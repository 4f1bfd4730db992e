package dev.forkyard.server.core;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal: a reason for programs, a sentence for people that says what to do, and every variable
 * of that sentence by name. Carries no stack trace; a fault is an answer, not a bug.
 */
public final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient Map<String, String> metadata = new LinkedHashMap<>();

  public Fault(Reason reason, String sentence) {
    super(sentence, null, false, false);
    this.reason = reason;
  }

  /** Names a variable of the sentence. */
  public Fault with(String name, Object value) {
    metadata.put(name, String.valueOf(value));
    return this;
  }

  public Reason reason() {
    return reason;
  }

  public String sentence() {
    return String.valueOf(getMessage());
  }

  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /** A request field that cannot be accepted. */
  public static Fault invalid(String field, String sentence) {
    return new Fault(Reason.INVALID_ARGUMENT, sentence).with("field", field);
  }
}
