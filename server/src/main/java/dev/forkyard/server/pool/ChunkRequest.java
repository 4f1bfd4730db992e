package dev.forkyard.server.pool;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.process.FunctionName;

/** Several calls of one function that are given to a worker together. */
public record ChunkRequest(int number, FunctionName function, int count, Payload arguments) {
  private static final int MOST_CALLS = 1_000_000;

  public ChunkRequest {
    if (count < 1 || count > MOST_CALLS) {
      throw new Fault(Reason.BAD_CHUNK, "The count of a chunk must be 1 to 1000000.")
          .with("number", number)
          .with("count", count);
    }
    if (count > arguments.sizeBytes()) {
      throw new Fault(
              Reason.BAD_CHUNK,
              "A chunk of " + count + " calls must hold an array of arguments for each of them.")
          .with("number", number)
          .with("count", count)
          .with("bytes", arguments.sizeBytes());
    }
    if (function.name().isEmpty()) {
      throw new Fault(
              Reason.BAD_CHUNK,
              "A chunk names no function; name one, such as \"com.acme.Hashing::sha256\".")
          .with("number", number);
    }
  }
}
