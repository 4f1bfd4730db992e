package dev.forkyard.server.core;

/**
 * A reference to a thing in the daemon.
 *
 * @param part which part of the thing; empty for the whole
 */
public record Handle(Kind kind, String id, String part) {

  /** Kinds of things that can be referred to. */
  public enum Kind {
    QUEUE,
    PIPE_END
  }
}
