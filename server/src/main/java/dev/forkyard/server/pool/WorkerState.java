package dev.forkyard.server.pool;

/** What a worker of a pool is doing. */
public enum WorkerState {
  STARTING,
  IDLE,
  BUSY,
  LEAVING
}
