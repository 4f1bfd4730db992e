package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How items are given back.
 *
 * @param reason why they are given up; empty when they are not
 */
public record ReleaseRequest(List<String> tokens, Mode mode, String reason) {
  private static final int MOST_REASON_BYTES = 4 << 10;

  /** Ways to give an item back. */
  public enum Mode {
    /** It was looked at, and somebody else is to have it. */
    RELEASE,
    /** Nobody has worked on it. */
    UNUSED,
    /** Nobody is to have it any more. */
    GIVE_UP
  }

  public ReleaseRequest {
    if (!reason.isEmpty() && mode != Mode.GIVE_UP) {
      throw Fault.invalid("reason", "reason is for items that are given up; set give_up too.");
    }
    int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_REASON_BYTES) {
      throw Fault.invalid("reason", "reason must have at most 4096 bytes.").with("bytes", bytes);
    }
  }
}
