package dev.forkyard.server.process;

/**
 * What a watch tells.
 *
 * @param process as it was then; its revision is that of the event
 */
public record ProcessEvent(Kind kind, ProcessSnapshot process) {

  /** Kinds of events. */
  public enum Kind {
    /** It is there; at the beginning of a watch. */
    LISTED,
    /** A run was started. */
    STARTED,
    /** It was asked to end. */
    STOPPING,
    /** A run ended, or could not be started. */
    EXITED,
    /** It was forgotten. */
    DELETED
  }

  /** The same with its revision. */
  ProcessEvent at(long revision) {
    return new ProcessEvent(kind, process.at(revision));
  }
}
