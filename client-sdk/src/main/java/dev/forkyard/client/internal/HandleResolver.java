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
   * @param declared the class declared at this place, such as {@code RemoteQueue}; {@code Object}
   *     where nothing is declared
   * @param elementType its first type argument, such as {@code Job} of {@code RemoteQueue<Job>};
   *     {@code Object} if there is none. {@link PayloadCodec} takes it as it is
   * @return an instance of the declared class
   * @throws IllegalArgumentException if a handle of this kind does not fit the declaration
   */
  Object resolve(Handle handle, Class<?> declared, Type elementType);
}
