package dev.forkyard.client;

import dev.forkyard.client.internal.Handle;
import java.lang.reflect.Type;

/** Makes queues and pipe ends from the handles that a payload holds. */
final class Handles {
  private Handles() {}

  static Object resolve(Wire wire, Handle handle, Class<?> type, Type elementType) {
    if (handle instanceof Handle.Queue queue) {
      if (type == JoinableQueue.class) {
        return new JoinableQueue<>(wire, queue.queueId(), elementType);
      }
      checkFits(type, RemoteQueue.class);
      return new RemoteQueue<>(wire, queue.queueId(), elementType);
    }
    if (handle instanceof Handle.PipeEnd end) {
      checkFits(type, PipeEnd.class);
      return new PipeEnd<>(wire, end.pipeId(), end.side(), elementType);
    }
    throw new IllegalArgumentException("an unknown kind of handle: " + handle);
  }

  private static void checkFits(Class<?> declared, Class<?> made) {
    if (!declared.isAssignableFrom(made)) {
      throw new IllegalArgumentException(
          "a handle of a " + made.getSimpleName() + " cannot be a " + declared.getName());
    }
  }
}
