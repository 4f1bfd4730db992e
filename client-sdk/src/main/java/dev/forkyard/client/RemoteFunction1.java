package dev.forkyard.client;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A function of one argument that can run in another process.
 *
 * <p>Write it as a reference to a static method or as an unbound reference to an instance method. A
 * lambda is accepted when it captures nothing and uses no generic type.
 *
 * <p>Only the name of the method crosses to the other process, which finds it in its own copy of
 * the caller's class path and reads the types of arguments and result from the method's
 * declaration. So nothing can be captured, and the types have to be written there: those of a
 * lambda are erased by the compiler.
 *
 * @param <A> type of the first argument
 * @param <R> type of the result
 */
@FunctionalInterface
public interface RemoteFunction1<A extends @Nullable Object, R extends @Nullable Object>
    extends Serializable {
  /**
   * Does the work.
   *
   * @param first the first argument
   * @return the result
   * @throws Exception whatever the function throws; its caller gets it as the failure of the call
   */
  R call(A first) throws Exception;
}
