package dev.forkyard.server.core;

/** The answer of an operation that has nothing to tell but that it is done. */
public enum Done {
  DONE
}
