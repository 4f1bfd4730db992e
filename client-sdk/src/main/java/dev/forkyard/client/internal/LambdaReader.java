package dev.forkyard.client.internal;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads which method a lambda calls, and refuses what another process could not call. */
final class LambdaReader {
  private static final String WRITE_A_METHOD =
      " Write a static method of your own and pass a reference to it, such as Tasks::run.";

  private LambdaReader() {}

  static FunctionReference read(Serializable function, Use use) {
    SerializedLambda lambda = serializedLambda(function);
    if (lambda == null) {
      throw new IllegalArgumentException(
          function.getClass().getName()
              + " is an object of an ordinary class, and objects do not cross to another process."
              + WRITE_A_METHOD);
    }
    String className = lambda.getImplClass().replace('/', '.');
    String name = className + "::" + lambda.getImplMethodName();
    refuseCaptures(lambda, name, use);
    if (lambda.getImplMethodKind() == MethodHandleInfo.REF_newInvokeSpecial) {
      throw new IllegalArgumentException(
          className + "::new is a constructor, not a method." + WRITE_A_METHOD);
    }
    Class<?> owner = load(className, function.getClass().getClassLoader());
    Method method = find(owner, lambda);
    if (isFromJdk(owner) || isFromJdk(method.getDeclaringClass())) {
      throw new IllegalArgumentException(
          name
              + " is a method of the JDK; workers call only methods of your class path."
              + WRITE_A_METHOD);
    }
    refuseErasedTypes(owner, method, name);
    int receiver = Modifier.isStatic(method.getModifiers()) ? 0 : 1;
    return new FunctionReference(
        name,
        lambda.getImplMethodSignature(),
        method.getGenericReturnType(),
        method.getParameterCount() + receiver);
  }

  private static @Nullable SerializedLambda serializedLambda(Serializable function) {
    try (Interceptor out = new Interceptor()) {
      out.writeObject(function);
      return out.lambda;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void refuseCaptures(SerializedLambda lambda, String name, Use use) {
    if (lambda.getCapturedArgCount() == 0) {
      return;
    }
    throw new IllegalArgumentException(
        isLambda(lambda.getImplMethodName())
            ? "The lambda in "
                + lambda.getCapturingClass().replace('/', '.')
                + " captures a variable or `this`, and what it captures does not cross to another"
                + " process. "
                + use.hint()
            : name
                + " is bound to an object, and the object does not cross to another process. Write"
                + " the reference with the class name, such as Job::name. "
                + use.hint());
  }

  private static Class<?> load(String className, @Nullable ClassLoader loader) {
    try {
      return Class.forName(className, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(className + " is not found." + WRITE_A_METHOD, e);
    }
  }

  private static Method find(Class<?> owner, SerializedLambda lambda) {
    MethodType type =
        MethodType.fromMethodDescriptorString(
            lambda.getImplMethodSignature(), owner.getClassLoader());
    for (Class<?> c = owner; c != null; c = c.getSuperclass()) {
      for (Method m : c.getDeclaredMethods()) {
        if (matches(m, lambda.getImplMethodName(), type)) {
          return m;
        }
      }
    }
    for (Method m : owner.getMethods()) {
      if (matches(m, lambda.getImplMethodName(), type)) {
        return m;
      }
    }
    throw new IllegalArgumentException(
        owner.getName() + " has no method " + lambda.getImplMethodName() + "." + WRITE_A_METHOD);
  }

  private static boolean matches(Method m, String name, MethodType type) {
    return m.getName().equals(name)
        && m.getReturnType() == type.returnType()
        && type.parameterList().equals(List.of(m.getParameterTypes()));
  }

  private static boolean isFromJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    String module = type.getModule().getName();
    return loader == null
        || loader == ClassLoader.getPlatformClassLoader()
        || (module != null && ModuleFinder.ofSystem().find(module).isPresent()); // jdk.compiler
  }

  private static void refuseErasedTypes(Class<?> owner, Method method, String name) {
    boolean lambda = method.isSynthetic() && isLambda(method.getName());
    if (!Modifier.isStatic(method.getModifiers()) && owner.getTypeParameters().length > 0) {
      throw erased(name, owner);
    }
    for (Type type : method.getGenericParameterTypes()) {
      refuseErased(type, lambda, name);
    }
    refuseErased(method.getGenericReturnType(), lambda, name);
  }

  private static void refuseErased(Type type, boolean lambda, String name) {
    if (ErasedTypes.hasVariable(type) || (lambda && ErasedTypes.isRawGeneric(type))) {
      throw erased(lambda ? "A lambda" : name, type);
    }
  }

  private static IllegalArgumentException erased(String what, Type type) {
    return new IllegalArgumentException(
        what
            + " uses the type "
            + type.getTypeName()
            + ", whose type arguments are erased by the compiler, so a worker cannot know them."
            + " Write a static method that spells them out, such as static int"
            + " count(List<String> words), and pass a reference to it.");
  }

  private static boolean isLambda(String methodName) {
    return methodName.startsWith("lambda$");
  }

  /** Sees what stands for the lambda in a serial stream, and lets nothing of it be written. */
  private static final class Interceptor extends ObjectOutputStream {
    private @Nullable SerializedLambda lambda;

    Interceptor() throws IOException {
      super(OutputStream.nullOutputStream());
      enableReplaceObject(true);
    }

    @Override
    protected @Nullable Object replaceObject(Object object) {
      if (object instanceof SerializedLambda found) {
        lambda = found;
      }
      return null;
    }
  }
}
