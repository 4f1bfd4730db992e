package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleResolver;
import dev.forkyard.v1.PingCall;
import dev.forkyard.v1.SessionCall;
import java.lang.reflect.Type;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What makes queues and pipe ends out of the arguments of functions. The worker runtime finds it as
 * a service; it connects to the daemon when the first handle is met.
 */
public final class ChildHandles implements HandleResolver {
  private static final int FLUSH_SECONDS = 10;

  private final Wire wire;

  /** Connects to the daemon that started this process, in the session of this process. */
  public ChildHandles() {
    wire = Forkyard.openWire(Forkyard.defaultAddress());
    Runtime.getRuntime().addShutdownHook(new Thread(this::flush, "forkyard-flush"));
  }

  @Override
  public Object resolve(Handle handle, Class<?> type, Type elementType) {
    return Handles.resolve(wire, handle, type, elementType);
  }

  /**
   * Waits at an orderly end of the process until the daemon has all that was sent without waiting
   * for an answer. Else an item that a function has got just before it returned would come again.
   */
  private void flush() {
    CountDownLatch answered = new CountDownLatch(1);
    SessionCall.Builder ping = SessionCall.newBuilder().setPing(PingCall.getDefaultInstance());
    wire.stream()
        .soon(
            () ->
                wire.stream()
                    .send(ping)
                    .reply()
                    .whenComplete((reply, error) -> answered.countDown()));
    try {
      boolean unused = answered.await(FLUSH_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
