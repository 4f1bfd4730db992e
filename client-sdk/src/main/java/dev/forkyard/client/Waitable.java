package dev.forkyard.client;

import java.util.concurrent.CompletionStage;

/**
 * Something that can be waited for together with others, by {@link Forkyard#waitAny}.
 *
 * <p>Each kind is ready when what one waits for would not wait: an end of a pipe when there is a
 * message, or it is the end of the pipe; a queue when an item is ready, or none will ever come; a
 * process when it has ended; a future when it is complete, in whatever way. Being ready takes
 * nothing: somebody else may be faster.
 */
public sealed interface Waitable
    permits PipeEnd, RemoteQueue, ManagedProcess, PoolFuture, WaitableStage {

  /**
   * Makes a future of the JDK something to wait for.
   *
   * @param stage the future
   * @return what is ready when the future is complete; another one each time
   */
  static Waitable of(CompletionStage<?> stage) {
    return new WaitableStage(stage.toCompletableFuture());
  }
}
