package dev.forkyard.client.internal;

import dev.forkyard.v1.SessionCall;
import dev.forkyard.v1.SessionCalls;
import java.util.ArrayDeque;

/**
 * The calls of a session stream of which it is not known that the daemon has received them, in the
 * order of their numbers: first those sent, then those not sent yet. Not thread-safe.
 */
final class UnreceivedCalls {
  private static final int MOST_CALLS_IN_MESSAGE = 1_024;
  private static final int MOST_BYTES_IN_MESSAGE = 1 << 20;

  private final ArrayDeque<SessionCall> sent = new ArrayDeque<>();
  private final ArrayDeque<SessionCall> unsent = new ArrayDeque<>();

  /** Adds a call with the next number. */
  void add(SessionCall call) {
    unsent.add(call);
  }

  /** Takes what fits into one message, which is about to be sent; no call when there is none. */
  SessionCalls.Builder next() {
    SessionCalls.Builder calls = SessionCalls.newBuilder();
    int bytes = 0;
    while (calls.getCallsCount() < MOST_CALLS_IN_MESSAGE && bytes < MOST_BYTES_IN_MESSAGE) {
      SessionCall call = unsent.peek();
      if (call == null) {
        break;
      }
      bytes += call.getSerializedSize();
      if (bytes > MOST_BYTES_IN_MESSAGE && calls.getCallsCount() > 0) {
        break;
      }
      calls.addCalls(call);
      sent.add(unsent.remove());
    }
    return calls;
  }

  /** Forgets a call that was received, and all before it. */
  void received(long number) {
    for (SessionCall call = sent.peek();
        call != null && call.getNumber() <= number;
        call = sent.peek()) {
      sent.remove();
    }
  }

  /** Has everything sent that was sent and not received. */
  void sendAgain() {
    while (!sent.isEmpty()) {
      unsent.addFirst(sent.removeLast());
    }
  }

  void clear() {
    sent.clear();
    unsent.clear();
  }
}
