package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import dev.forkyard.client.internal.HandleResolver;
import java.lang.reflect.Type;

/**
 * What makes queues and pipe ends out of the arguments of functions. The worker runtime finds it as
 * a service; it connects to the daemon when the first handle is met.
 */
public final class ChildHandles implements HandleResolver {
  private final Wire wire;

  /** Connects to the daemon that started this process, in the session of this process. */
  public ChildHandles() {
    wire = Forkyard.openWire(Forkyard.defaultAddress());
  }

  @Override
  public Object resolve(Handle handle, Class<?> type, Type elementType) {
    return Handles.resolve(wire, handle, type, elementType);
  }
}
