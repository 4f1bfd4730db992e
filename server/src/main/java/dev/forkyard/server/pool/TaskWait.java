package dev.forkyard.server.pool;

import dev.forkyard.server.core.Reply;
import java.util.List;

/**
 * Somebody who waits for tasks; told apart by identity. Guarded by the lock of the {@link
 * SubmittedTasks}.
 */
final class TaskWait {
  final List<SubmittedTask> tasks;
  final Reply<TaskWait> reply;
  private final boolean any;

  /**
   * @param any whether the end of one is enough
   */
  TaskWait(List<SubmittedTask> tasks, boolean any, Reply<TaskWait> reply) {
    this.tasks = tasks;
    this.any = any;
    this.reply = reply;
  }

  boolean isOver() {
    return any
        ? tasks.stream().anyMatch(SubmittedTask::hasEnded)
        : tasks.stream().allMatch(SubmittedTask::hasEnded);
  }
}
