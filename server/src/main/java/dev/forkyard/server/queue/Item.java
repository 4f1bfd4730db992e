package dev.forkyard.server.queue;

import dev.forkyard.server.core.Payload;
import dev.forkyard.server.session.Hold;

/** One item of a queue. Its number is its place; guarded by the queue's lock. */
final class Item {
  final long number;
  final Payload payload;
  final Hold hold;
  int attempts;

  Item(long number, Payload payload, Hold hold) {
    this.number = number;
    this.payload = payload;
    this.hold = hold;
  }

  long place() {
    return number;
  }
}
