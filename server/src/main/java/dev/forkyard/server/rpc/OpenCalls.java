package dev.forkyard.server.rpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.forkyard.server.core.Fault;
import dev.forkyard.server.core.Reason;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls that are not answered yet, so that none is left without an answer when the daemon ends.
 * Thread-safe.
 */
final class OpenCalls {

  /** A call that can be refused from outside. */
  interface OpenCall {
    void refuse(Fault fault);
  }

  private final Set<OpenCall> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  /** Notes a call; false when it was refused, because the daemon ends. */
  @CanIgnoreReturnValue
  boolean opened(OpenCall call) {
    calls.add(call);
    if (ending) {
      call.refuse(stopping());
      return false;
    }
    return true;
  }

  void answered(OpenCall call) {
    calls.remove(call);
  }

  /** Refuses every call, and those that still come. */
  void end() {
    ending = true;
    calls.forEach(call -> call.refuse(stopping()));
  }

  private static Fault stopping() {
    return new Fault(
        Reason.DAEMON_STOPPING, "The daemon is stopping; start it again and repeat the call.");
  }
}
