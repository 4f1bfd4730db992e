package dev.forkyard.client;

import java.io.Serializable;

/**
 * A procedure of no argument, without a result, that can run in another process.
 *
 * <p>Write it as a reference to a static method or as an unbound reference to an instance method. A
 * lambda is accepted when it captures nothing and uses no generic type; {@link RemoteFunction1}
 * tells why. Only its name crosses to the other process.
 */
@FunctionalInterface
public interface RemoteProcedure0 extends Serializable {
  /**
   * Does the work.
   *
   * @throws Exception whatever the procedure throws; its caller gets it as the failure of the call
   */
  void call() throws Exception;
}
