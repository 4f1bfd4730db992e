package dev.forkyard.client.internal;

import java.io.Serializable;
import java.lang.reflect.Type;

/**
 * A function named by text, so that a worker can find it in its own classes.
 *
 * @param name the name, such as {@code com.acme.Hashing::sha256}
 * @param signature descriptor of the method
 * @param resultType declared type of its result
 * @param arity number of arguments, the receiver of an instance method included
 */
public record FunctionReference(String name, String signature, Type resultType, int arity) {
  /**
   * Reads the name of the method behind a method reference or lambda.
   *
   * @param function a method reference or a non-capturing lambda
   * @param use what it is for
   * @return its name and types
   * @throws IllegalArgumentException if it cannot run in another process; the message says what to
   *     write instead
   */
  public static FunctionReference of(Serializable function, Use use) {
    return LambdaReader.read(function, use);
  }
}
