package dev.forkyard.server.pool;

/** Life of a submitted task. */
public enum TaskState {
  QUEUED,
  RUNNING,
  SUCCEEDED,
  FAILED
}
