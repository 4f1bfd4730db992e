package dev.forkyard.client;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A procedure of four arguments, without a result, that can run in another process.
 *
 * <p>Write it as a reference to a static method or as an unbound reference to an instance method. A
 * lambda is accepted when it captures nothing and uses no generic type; {@link RemoteFunction1}
 * tells why. Only its name crosses to the other process.
 *
 * @param <A> type of the first argument
 * @param <B> type of the second argument
 * @param <C> type of the third argument
 * @param <D> type of the fourth argument
 */
@FunctionalInterface
public interface RemoteProcedure4<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        D extends @Nullable Object>
    extends Serializable {
  /**
   * Does the work.
   *
   * @param first the first argument
   * @param second the second argument
   * @param third the third argument
   * @param fourth the fourth argument
   * @throws Exception whatever the procedure throws; its caller gets it as the failure of the call
   */
  void call(A first, B second, C third, D fourth) throws Exception;
}
