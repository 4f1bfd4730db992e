package dev.forkyard.server.process;

/** Who or what made a process end. */
public enum ExitCause {
  SELF,
  STOP_REQUESTED,
  SESSION_ENDED,
  DAEMON_STOPPED,
  POOL_TERMINATED
}
