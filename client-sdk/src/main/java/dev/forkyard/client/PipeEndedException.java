package dev.forkyard.client;

import java.util.Map;

/**
 * The end of a pipe: everything was received, and nobody is left at the other end. The counterpart
 * of Python's {@code EOFError}.
 */
public final class PipeEndedException extends ForkyardException {
  private static final long serialVersionUID = 1;

  PipeEndedException(String pipeId) {
    super(
        Code.OUT_OF_RANGE,
        "PIPE_ENDED",
        "nobody is left at the other end of the pipe "
            + pipeId
            + ", and everything that was sent has been received",
        Map.of("pipe_id", pipeId),
        false,
        null);
  }
}
