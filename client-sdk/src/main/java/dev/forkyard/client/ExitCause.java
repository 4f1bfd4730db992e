package dev.forkyard.client;

/** Who or what made a process end. */
public enum ExitCause {
  /** It ended by itself, or a signal from elsewhere ended it. */
  SELF,
  /** A stop, a terminate or a signal was asked for through Forkyard. */
  STOP_REQUESTED,
  /** The session that owned it ended. */
  SESSION_ENDED,
  /** The daemon was shut down. */
  DAEMON_STOPPED,
  /**
   * The pool that it worked for needs it no more: the pool has ended or was made smaller, or the
   * worker did not get ready or did not leave in time.
   */
  POOL_TERMINATED,
  /** Its run timeout was over. */
  TIMEOUT,
  /** A restart ended this run to begin the next. */
  RESTART_REQUESTED,
  /** The run could not be started. */
  SPAWN_FAILED,
  /** The call that it ran was cancelled, or took too long, and did not end when asked to. */
  CALL_CANCELLED
}
