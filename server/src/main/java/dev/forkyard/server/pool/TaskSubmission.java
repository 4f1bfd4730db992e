package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.process.FunctionName;
import java.util.List;

/**
 * Calls of one function to run, all or none.
 *
 * @param arguments a JSON array for each call
 */
public record TaskSubmission(FunctionName function, List<Payload> arguments) {
  private static final int MOST_CALLS = 1000;

  public TaskSubmission {
    if (function.name().isEmpty()) {
      throw Fault.invalid(
          "function.name",
          "There is no function to run: set function.name, such as \"com.acme.Hashing::sha256\".");
    }
    if (arguments.isEmpty() || arguments.size() > MOST_CALLS) {
      throw Fault.invalid(
              "arguments",
              "arguments must have 1 to 1000 elements, one for each call; submit more in several"
                  + " requests.")
          .with("value", arguments.size());
    }
  }
}
