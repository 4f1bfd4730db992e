package dev.forkyard.server.queue;

import java.util.List;

/**
 * The answer to a peek.
 *
 * @param items in order
 * @param timedOut the time was over before there was one
 * @param end there will be none
 * @param nextToken what goes on after these; empty when there were no more
 */
public record Peeked(List<PeekedItem> items, boolean timedOut, boolean end, String nextToken) {
  static final Peeked TIMED_OUT = new Peeked(List.of(), true, false, "");
  static final Peeked END = new Peeked(List.of(), false, true, "");
}
