package dev.forkyard.worker;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Says which functions there are, to somebody who has named one that there is not. */
final class Candidates {
  private static final int MOST = 20;

  private Candidates() {}

  /**
   * Explains why no function was found.
   *
   * @param asked what was asked for
   * @param owner its class
   * @param named the methods of that name
   * @param fitting those among them that fit: none, or several
   */
  static String explain(String asked, Class<?> owner, List<Method> named, List<Method> fitting) {
    if (asked.contains("::new") || asked.contains("::<init>")) {
      return asked + " is a constructor, not a method; write a static method that calls it.";
    }
    List<Method> choice = named.isEmpty() ? declared(owner) : named;
    String problem = fitting.isEmpty() ? " does not exist" : " is ambiguous, name the signature";
    if (choice.isEmpty()) {
      return asked + problem + "; " + owner.getName() + " has no methods of its own.";
    }
    return asked
        + problem
        + "; there is: "
        + choice.stream()
            .map(m -> describe(owner, m))
            .sorted()
            .limit(MOST)
            .collect(Collectors.joining(", "));
  }

  private static List<Method> declared(Class<?> owner) {
    return Arrays.stream(owner.getDeclaredMethods()).filter(m -> !m.isSynthetic()).toList();
  }

  /** Such as {@code static int plus(int, int) [(II)I]}. */
  private static String describe(Class<?> owner, Method method) {
    String types =
        Arrays.stream(method.getGenericParameterTypes())
            .map(Type::getTypeName)
            .collect(Collectors.joining(", "));
    boolean isStatic = Modifier.isStatic(method.getModifiers());
    return (isStatic ? "static " : "")
        + method.getGenericReturnType().getTypeName()
        + " "
        + method.getName()
        + "("
        + types
        + ")"
        + (isStatic ? "" : " of a " + owner.getName() + ", the first argument,")
        + " ["
        + Functions.descriptor(method)
        + "]";
  }
}
