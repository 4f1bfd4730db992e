package dev.forkyard.server.queue;

import dev.forkyard.server.core.Afterwards;
import dev.forkyard.server.core.Payload;
import dev.forkyard.server.session.Hold;
import dev.forkyard.server.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One item of a queue. Its priority and number are its place; guarded by the queue's lock. */
final class Item {
  private static final int MOST_CRASHES_KEPT = 10;

  final long number;
  final int priority;
  final Payload payload;
  final Map<String, String> attributes;
  final int sizeBytes;
  private final Hold hold;

  /** How often it was given to somebody; makes tokens unlike each other. */
  private int grants;

  private int unused;
  private int releases;
  private int crashes;
  private List<LostTaker> lastCrashes = List.of();

  Item(long number, PutRequest request, Payload payload, Hold hold) {
    this.number = number;
    this.priority = request.priority();
    this.payload = payload;
    this.attributes = request.attributes();
    this.sizeBytes = request.sizeBytes(payload);
    this.hold = hold;
  }

  /** Has a session keep what its handles refer to. */
  void share(Session session, Afterwards after) {
    if (hold != Hold.NOTHING) {
      after.add(() -> hold.shareWith(session));
    }
  }

  /** It leaves the queue. */
  void letGo(Afterwards after) {
    if (hold != Hold.NOTHING) {
      after.add(hold::release);
    }
  }

  /** Notes that it is given to somebody; answers what sets that apart from other times. */
  int granted() {
    grants++;
    return grants;
  }

  void returnedUnused() {
    unused++;
  }

  void released() {
    releases++;
  }

  void lostBy(LostTaker taker) {
    crashes++;
    if (lastCrashes.isEmpty()) {
      lastCrashes = new ArrayList<>(2);
    } else if (lastCrashes.size() == MOST_CRASHES_KEPT) {
      lastCrashes.remove(0);
    }
    lastCrashes.add(taker);
  }

  /** Forgets who had it. */
  void restored() {
    unused = grants;
    releases = 0;
    crashes = 0;
    lastCrashes = List.of();
  }

  int attempts() {
    return grants - unused;
  }

  int releases() {
    return releases;
  }

  int crashes() {
    return crashes;
  }

  /** The takers that lost it last, oldest first. */
  List<LostTaker> lastCrashes() {
    return List.copyOf(lastCrashes);
  }

  /** The size of what is known of those who had it, which no capacity counts. */
  int historyBytes() {
    int bytes = 0;
    for (LostTaker taker : lastCrashes) {
      bytes += taker.sizeBytes();
    }
    return bytes;
  }
}
