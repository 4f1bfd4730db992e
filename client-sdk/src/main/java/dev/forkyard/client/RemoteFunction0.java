package dev.forkyard.client;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A function of no argument that can run in another process.
 *
 * <p>Write it as a reference to a static method or as an unbound reference to an instance method. A
 * lambda is accepted when it captures nothing and uses no generic type; {@link RemoteFunction1}
 * tells why. Only its name crosses to the other process.
 *
 * @param <R> type of the result
 */
@FunctionalInterface
public interface RemoteFunction0<R extends @Nullable Object> extends Serializable {
  /**
   * Does the work.
   *
   * @return the result
   * @throws Exception whatever the function throws; its caller gets it as the failure of the call
   */
  R call() throws Exception;
}
