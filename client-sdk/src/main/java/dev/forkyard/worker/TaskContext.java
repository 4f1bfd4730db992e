package dev.forkyard.worker;

/**
 * What a function can know about the call that it is in.
 *
 * <p>The context belongs to the thread that runs the call. A call that uses other threads hands its
 * context to them:
 *
 * <pre>{@code
 * static int count(List<String> files) {
 *   TaskContext context = TaskContext.current();
 *   return files.parallelStream().filter(file -> !context.isCancelled()).mapToInt(...).sum();
 * }
 * }</pre>
 *
 * <p>Thread-safe; no method waits.
 */
public final class TaskContext {
  private static final TaskContext OUTSIDE = new TaskContext();

  private volatile boolean cancelled;

  TaskContext() {}

  /**
   * {@return the context of the call that this thread runs} In a thread that runs no call, as in
   * every thread of a program that is no worker, it is one that is never cancelled.
   */
  public static TaskContext current() {
    return Thread.currentThread() instanceof Runner runner ? runner.context() : OUTSIDE;
  }

  /**
   * {@return whether the call should end, because it was cancelled or takes longer than the pool
   * allows} Its thread was interrupted then. A call that throws afterwards counts as cancelled, one
   * that returns has its result; one that does neither in time loses its worker. Once true it stays
   * true, also after the call.
   */
  public boolean isCancelled() {
    return cancelled;
  }

  void cancel() {
    cancelled = true;
  }
}
