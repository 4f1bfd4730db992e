package dev.forkyard.client.internal;

import java.lang.reflect.Type;

/**
 * Makes objects from the handles in a payload.
 *
 * <p>A worker finds its resolver as a {@link java.util.ServiceLoader} service when it meets the
 * first handle.
 */
@FunctionalInterface
public interface HandleResolver {
  /**
   * Makes the object for a handle.
   *
   * @param handle the handle
   * @param type the declared type, such as {@code RemoteQueue<Job>}; {@code Object} where nothing
   *     is declared
   * @return an object of that type
   * @throws IllegalArgumentException if a handle of this kind does not fit the type
   */
  Object resolve(Handle handle, Type type);
}
