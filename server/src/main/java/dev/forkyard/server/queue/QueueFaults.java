package dev.forkyard.server.queue;

import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import dev.forkyard.server.core.Registry;

/** What a queue refuses, in words. */
record QueueFaults(String id, QueueOptions options) {
  static final Registry.Kind KIND =
      new Registry.Kind(
          "queue", "q", Reason.QUEUE_NOT_FOUND, Reason.QUEUE_EXISTS, Reason.TOO_MANY_QUEUES);

  Fault notFound() {
    return KIND.faultOfMissing(id);
  }

  Fault closed() {
    return of(
        Reason.QUEUE_CLOSED,
        "Queue \""
            + id
            + "\" is closed and takes no more items; what is in it can still be taken.");
  }

  Fault full() {
    return of(
            Reason.QUEUE_FULL,
            "Queue \""
                + id
                + "\" had no room in time, and nothing was put; take items from it, wait longer, or"
                + " give it a larger capacity.")
        .with("capacity", options.capacity())
        .with("capacity_bytes", options.capacityBytes());
  }

  Fault tooLarge(int items, long bytes) {
    return of(
            Reason.BATCH_TOO_LARGE,
            items
                + " items of "
                + bytes
                + " bytes can never fit into queue \""
                + id
                + "\", which holds "
                + options.capacity()
                + " items and "
                + options.capacityBytes()
                + " bytes; put fewer at a time or give it a larger capacity.")
        .with("items", items)
        .with("bytes", bytes)
        .with("capacity", options.capacity())
        .with("capacity_bytes", options.capacityBytes());
  }

  Fault tooManyLeased() {
    return of(
            Reason.TOO_MANY_LEASES,
            "Takers hold as many items of queue \""
                + id
                + "\" as they may; acknowledge or release some.")
        .with("limit", QueueOptions.MOST_LEASED)
        .with("limit_bytes", QueueOptions.MOST_LEASED_BYTES);
  }

  Fault priorityTooHigh(int priority) {
    return Fault.invalid(
            "priority",
            options.maxPriority() == 0
                ? "Queue \"" + id + "\" has no priorities; leave priority out."
                : "priority must be 0 to " + options.maxPriority() + ".")
        .with("value", priority)
        .with("max_priority", options.maxPriority());
  }

  Fault cancelled() {
    return of(
        Reason.CALL_CANCELLED, "The call was cancelled while it waited; nothing was changed.");
  }

  private Fault of(Reason reason, String sentence) {
    return new Fault(reason, sentence).with("queue_id", id);
  }
}
