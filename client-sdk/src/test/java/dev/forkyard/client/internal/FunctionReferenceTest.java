package dev.forkyard.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.RemoteFunction0;
import dev.forkyard.client.RemoteFunction1;
import dev.forkyard.client.RemoteFunction2;
import dev.forkyard.client.RemoteProcedure0;
import dev.forkyard.client.RemoteProcedure1;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionReferenceTest {
  private static final String TASKS = "dev.forkyard.client.internal.Tasks";

  @Test
  void staticMethodIsNamedWithItsDescriptor() {
    RemoteFunction1<Integer, Integer> function = Tasks::square;

    assertThat(FunctionReference.of(function, Use.START))
        .isEqualTo(new FunctionReference(TASKS + "::square", "(I)I", int.class, 1));
  }

  @Test
  void overloadIsTheOneTheCompilerChose() {
    RemoteFunction1<Long, Long> function = Tasks::square;

    assertThat(FunctionReference.of(function, Use.START).signature()).isEqualTo("(J)J");
  }

  @Test
  void typesOfAMethodKeepTheirArguments() {
    RemoteFunction1<List<Map<String, Job>>, List<String>> function = Tasks::names;

    assertThat(FunctionReference.of(function, Use.START).resultType().getTypeName())
        .isEqualTo("java.util.List<java.lang.String>");
  }

  @Test
  void unboundInstanceMethodTakesItsReceiverAsFirstArgument() {
    RemoteFunction1<Job, String> function = Job::name;

    assertThat(FunctionReference.of(function, Use.START))
        .isEqualTo(
            new FunctionReference(
                "dev.forkyard.client.internal.Job::name", "()Ljava/lang/String;", String.class, 1));
  }

  @Test
  void inheritedInstanceMethodIsFound() {
    RemoteFunction1<Sub, Integer> function = Sub::inherited;

    assertThat(FunctionReference.of(function, Use.START).arity()).isEqualTo(1);
  }

  @Test
  void procedureMayNameAMethodWithOrWithoutResult() {
    RemoteProcedure0 nothing = Tasks::nothing;
    RemoteProcedure1<Integer> square = Tasks::square;

    assertThat(FunctionReference.of(nothing, Use.START).resultType()).isEqualTo(void.class);
    assertThat(FunctionReference.of(square, Use.START).resultType()).isEqualTo(int.class);
  }

  @Test
  void lambdaWithoutCapturesIsAccepted() {
    RemoteFunction2<String, Integer, String> function = (text, times) -> text.repeat(times);

    FunctionReference reference = FunctionReference.of(function, Use.START);

    assertThat(reference.name()).startsWith(FunctionReferenceTest.class.getName() + "::lambda$");
    assertThat(reference.resultType()).isEqualTo(String.class);
    assertThat(reference.arity()).isEqualTo(2);
  }

  @Test
  void lambdaThatCapturesAVariableIsRefused() {
    int captured = List.of(1).size();

    refused((RemoteFunction1<Integer, Integer>) n -> n + captured, "captures a variable");
  }

  @Test
  void lambdaThatCapturesThisIsRefused() {
    refused((RemoteFunction0<String>) () -> toString(), "captures a variable or `this`");
  }

  @Test
  void capturedValuesNeedNotBeSerialisableToBeRefused() {
    Thread captured = Thread.currentThread();

    refused((RemoteFunction0<String>) () -> captured.getName(), "Pass it as an argument");
  }

  @Test
  void boundReceiverIsRefused() {
    Job job = new Job("a");

    refused((RemoteFunction0<String>) job::name, "bound to an object");
  }

  @Test
  void constructorIsRefused() {
    refused((RemoteFunction1<String, Job>) Job::new, "constructor");
  }

  @Test
  void methodOfTheJdkIsRefused() {
    refused((RemoteFunction1<Integer, Integer>) Math::abs, "method of the JDK");
    refused((RemoteFunction1<Job, String>) Object::toString, "method of the JDK");
    refused(
        (RemoteFunction1<String[], Integer>) com.sun.tools.javac.Main::compile,
        "method of the JDK"); // of a module that the loader of the class path has
  }

  @Test
  void lambdaWithGenericTypesIsRefused() {
    refused((RemoteFunction1<List<Job>, Integer>) jobs -> jobs.size(), "erased by the compiler");
    refused((RemoteFunction1<Integer, List<Long>>) n -> List.of((long) n), "java.util.List");
  }

  @Test
  void methodWithTypeVariablesIsRefused() {
    refused((RemoteFunction1<Job, Job>) Tasks::generic, "uses the type T");
  }

  @Test
  void objectOfAnOrdinaryClassIsRefused() {
    RemoteFunction0<Integer> function =
        new RemoteFunction0<>() {
          private static final long serialVersionUID = 1;

          @Override
          public Integer call() {
            return 1;
          }
        };

    refused(function, "is an object of an ordinary class");
  }

  private static void refused(Serializable function, String reason) {
    assertThatThrownBy(() -> FunctionReference.of(function, Use.START))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  /** Has a method to inherit. */
  public static class Base {
    /** A number. */
    public int inherited() {
      return 1;
    }
  }

  /** Inherits it. */
  public static class Sub extends Base {}
}
