package dev.forkyard.server.pipe;

/** The two ends of a pipe. */
public enum Side {
  LEFT,
  RIGHT;

  Side other() {
    return this == LEFT ? RIGHT : LEFT;
  }
}
