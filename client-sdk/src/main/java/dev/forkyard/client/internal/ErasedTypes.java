package dev.forkyard.client.internal;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;

/** Tells declared types apart from those of which only the compiler knows everything. */
final class ErasedTypes {
  private ErasedTypes() {}

  /** True if a type variable is anywhere in the type. */
  static boolean hasVariable(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      return anyHasVariable(parameterized.getActualTypeArguments());
    }
    if (type instanceof GenericArrayType array) {
      return hasVariable(array.getGenericComponentType());
    }
    if (type instanceof WildcardType wildcard) {
      return anyHasVariable(wildcard.getUpperBounds()) || anyHasVariable(wildcard.getLowerBounds());
    }
    return type instanceof TypeVariable;
  }

  /** True for a class with type parameters that is used without them, and for arrays of it. */
  static boolean isRawGeneric(Type type) {
    if (!(type instanceof Class<?> c)) {
      return false;
    }
    return c.isArray() ? isRawGeneric(c.getComponentType()) : c.getTypeParameters().length > 0;
  }

  private static boolean anyHasVariable(Type[] types) {
    for (Type type : types) {
      if (hasVariable(type)) {
        return true;
      }
    }
    return false;
  }
}
