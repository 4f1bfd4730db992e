package dev.forkyard.server.process;

/** The two output streams of a process. */
public enum OutputStreamName {
  STDOUT,
  STDERR
}
