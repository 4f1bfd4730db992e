package dev.forkyard.server.process;

import dev.forkyard.server.session.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What somebody who starts a process has to do with its life. Called on threads of the daemon; must
 * not block.
 */
public interface ProcessHooks {

  /** The process runs. */
  default void started(ProcessSnapshot process, Session session) {}

  /** The process could not be started. */
  default void notStarted() {}

  /**
   * The process has ended and its output is complete; its end is made known when the answer is
   * there. Null for a process that is no function.
   */
  default CompletionStage<@Nullable FunctionOutcome> ended(ProcessExit exit) {
    return CompletableFuture.completedFuture(null);
  }

  /** Nothing to do. */
  ProcessHooks NONE = new ProcessHooks() {};
}
