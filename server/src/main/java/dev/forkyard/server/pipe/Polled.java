package dev.forkyard.server.pipe;

/**
 * The answer to a poll.
 *
 * @param readable a receive would not wait
 * @param end because it is the end of the pipe
 * @param timedOut the time was over before there was anything
 */
public record Polled(boolean readable, boolean end, boolean timedOut) {
  static final Polled MESSAGE = new Polled(true, false, false);
  static final Polled END = new Polled(true, true, false);
  static final Polled TIMED_OUT = new Polled(false, false, true);
}
