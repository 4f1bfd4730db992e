package dev.forkyard.client;

/** Where a process is in its life. */
public enum ProcessState {
  /** Being started. */
  STARTING,
  /** Alive. */
  RUNNING,
  /** Alive and asked to end. */
  STOPPING,
  /** Ended, and its output is complete. */
  EXITED;

  static ProcessState of(dev.forkyard.v1.ProcessState state) {
    return switch (state) {
      case PROCESS_STATE_STARTING, PROCESS_STATE_UNSPECIFIED, UNRECOGNIZED -> STARTING;
      case PROCESS_STATE_RUNNING -> RUNNING;
      case PROCESS_STATE_STOPPING -> STOPPING;
      case PROCESS_STATE_EXITED -> EXITED;
    };
  }
}
