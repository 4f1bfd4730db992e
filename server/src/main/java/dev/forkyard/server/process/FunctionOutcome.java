package dev.forkyard.server.process;

import dev.forkyard.server.core.Failure;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.session.Hold;
import org.jspecify.annotations.Nullable;

/**
 * What a function process came to: a result or a failure.
 *
 * @param hold of what handles in the result refer to; released when the process is forgotten
 */
public record FunctionOutcome(@Nullable Payload result, @Nullable Failure failure, Hold hold) {
  public static FunctionOutcome returned(Payload result, Hold hold) {
    return new FunctionOutcome(result, null, hold);
  }

  public static FunctionOutcome failed(Failure failure) {
    return new FunctionOutcome(null, failure, Hold.NOTHING);
  }
}
