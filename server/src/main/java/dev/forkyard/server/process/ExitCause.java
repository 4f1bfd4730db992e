package dev.forkyard.server.process;

/** Who or what made a run end. */
public enum ExitCause {
  SELF,
  STOP_REQUESTED,
  SESSION_ENDED,
  DAEMON_STOPPED,
  POOL_TERMINATED,
  TIMEOUT,
  RESTART_REQUESTED,
  SPAWN_FAILED,
  CALL_CANCELLED
}
