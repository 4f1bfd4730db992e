package dev.forkyard.client;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type with its type arguments, for items that are generic: {@code new TypeRef<List<Job>>() {}}.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {
  private final Type type;

  /** Reads the type argument of the subclass. */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parent)) {
      throw new IllegalArgumentException(
          "write the type as in `new TypeRef<List<Job>>() {}`, with its type argument");
    }
    type = parent.getActualTypeArguments()[0];
  }

  /** {@return the type} */
  public final Type type() {
    return type;
  }
}
