package dev.forkyard.worker;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** Finds functions by name in the classes of the class path. No class is initialised for it. */
final class Functions {
  /**
   * A function that was found.
   *
   * @param parameters declared types of its parameters, the receiver of an instance method first
   * @param handle takes the arguments as {@code Object[]}, gives an {@code Object}
   */
  record Found(List<Type> parameters, MethodHandle handle) {}

  private Functions() {}

  /**
   * Finds a function.
   *
   * @param arity tells the number of arguments; asked only where there is no signature
   * @throws ReflectiveOperationException if there is none; its message says what there is
   */
  static Found find(String name, String signature, IntSupplier arity)
      throws ReflectiveOperationException {
    int separator = name.lastIndexOf("::");
    if (separator <= 0) {
      throw new NoSuchMethodException(
          "A function is named Class::method, such as com.acme.Hashing::sha256, not " + name + ".");
    }
    Class<?> owner = load(name.substring(0, separator));
    List<Method> named = methods(owner, name.substring(separator + 2));
    List<Method> fitting;
    if (signature.isEmpty()) {
      int wanted = arity.getAsInt();
      fitting = named.stream().filter(m -> arity(m) == wanted).toList();
      if (fitting.size() != 1) {
        String asked = name + " with " + wanted + (wanted == 1 ? " argument" : " arguments");
        throw new NoSuchMethodException(Candidates.explain(asked, owner, named, fitting));
      }
    } else {
      fitting = named.stream().filter(m -> descriptor(m).equals(signature)).toList();
      if (fitting.size() != 1) {
        throw new NoSuchMethodException(
            Candidates.explain(name + signature, owner, named, fitting));
      }
    }
    return found(owner, fitting.get(0));
  }

  private static Class<?> load(String className) throws ClassNotFoundException {
    Class<?> type;
    try {
      type = Class.forName(className, false, ClassLoader.getSystemClassLoader());
    } catch (ClassNotFoundException e) {
      throw new ClassNotFoundException(
          className
              + " is not on the class path of the worker; a nested class is named"
              + " com.acme.Outer$Nested.",
          e);
    }
    if (isFromJdk(type)) {
      throw new ClassNotFoundException(
          className + " belongs to the JDK; a worker calls only methods of its class path.");
    }
    return type;
  }

  /** True for every module: what is on the class path has no name of a module. */
  static boolean isFromJdk(Class<?> type) {
    return type.getModule().isNamed();
  }

  /** The methods of that name, inherited ones included. A bridge is never what is meant. */
  private static List<Method> methods(Class<?> owner, String name) {
    Map<String, Method> found = new LinkedHashMap<>();
    List<Method> candidates = new ArrayList<>();
    for (Class<?> c = owner; c != null; c = c.getSuperclass()) {
      candidates.addAll(List.of(c.getDeclaredMethods()));
    }
    candidates.addAll(List.of(owner.getMethods()));
    for (Method m : candidates) {
      if (m.getName().equals(name) && !m.isBridge() && !isFromJdk(m.getDeclaringClass())) {
        found.putIfAbsent(descriptor(m), m);
      }
    }
    return List.copyOf(found.values());
  }

  private static Found found(Class<?> owner, Method method) throws IllegalAccessException {
    List<Type> parameters = new ArrayList<>();
    if (!Modifier.isStatic(method.getModifiers())) {
      parameters.add(owner);
    }
    parameters.addAll(List.of(method.getGenericParameterTypes()));
    method.setAccessible(true);
    MethodHandle handle =
        MethodHandles.lookup()
            .unreflect(method)
            .asFixedArity()
            .asSpreader(Object[].class, parameters.size())
            .asType(MethodType.methodType(Object.class, Object[].class));
    return new Found(parameters, handle);
  }

  private static int arity(Method method) {
    return method.getParameterCount() + (Modifier.isStatic(method.getModifiers()) ? 0 : 1);
  }

  static String descriptor(Method method) {
    return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
        .toMethodDescriptorString();
  }
}
