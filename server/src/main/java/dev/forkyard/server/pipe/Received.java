package dev.forkyard.server.pipe;

import dev.forkyard.server.core.Payload;
import java.util.List;

/**
 * The answer to a receive.
 *
 * @param messages oldest first
 * @param timedOut the time was over before a message came
 * @param end no message will ever come
 */
public record Received(List<Payload> messages, boolean timedOut, boolean end) {
  static final Received TIMED_OUT = new Received(List.of(), true, false);
  static final Received END = new Received(List.of(), false, true);
}
