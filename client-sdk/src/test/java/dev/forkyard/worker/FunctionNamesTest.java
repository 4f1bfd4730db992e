package dev.forkyard.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which functions a name finds, and what is said of one that there is not. */
class FunctionNamesTest {
  private static final String HERE = FunctionNamesTest.class.getName();

  @Test
  void privateStaticVarargsAndGenericMethodsAreFunctions() throws Throwable {
    assertThat(call("$Calls::secret", "", 1)).isEqualTo(2);
    assertThat(call("$Calls::sum", "", (Object) new int[] {1, 2, 3})).isEqualTo(6);
    assertThat(call("$Calls::first", "", List.of("a"))).isEqualTo("a");
    assertThat(find("$Calls::first", "", 1).parameters())
        .asString()
        .isEqualTo("[java.util.List<T>]");
  }

  @Test
  void instanceMethodsTakeTheirObjectFirst() throws Throwable {
    assertThat(call("$Special::name", "", new Special("x"))).isEqualTo("x");
    assertThat(find("$Special::name", "", 1).parameters()).containsExactly(Special.class);
  }

  @Test
  void inheritedMethodsAreFunctionsOfTheSubclass() throws Throwable {
    assertThat(call("$Special::twice", "", 4)).isEqualTo(8);
    assertThat(call("$Special::greet", "", new Special("x"))).isEqualTo("hello x");
    assertThat(call("$Named::of", "", "y")).isEqualTo("of y");
  }

  @Test
  void theMethodIsFoundAndNotTheBridgeToIt() throws Throwable {
    assertThat(find("$Special::copy", "", 1).handle()).isNotNull();
    assertThat(((Special) call("$Special::copy", "", new Special("x"))).name()).isEqualTo("x");
    assertThatThrownBy(() -> find("$Special::copy", "()Ljava/lang/Object;", 1))
        .hasMessageContaining("there is: ")
        .hasMessageNotContaining("[()Ljava/lang/Object;]");
  }

  @Test
  void signatureOrNumberOfArgumentsTellsOverloadsApart() throws Throwable {
    assertThat(call("$Calls::over", "(J)J", 3L)).isEqualTo(-3L);
    assertThat(call("$Calls::over", "", 3, 4)).isEqualTo(7);
    assertThatThrownBy(() -> find("$Calls::over", "", 1))
        .isInstanceOf(NoSuchMethodException.class)
        .hasMessage(
            HERE
                + "$Calls::over with 1 argument is ambiguous, name the signature; there is: static"
                + " int over(int) [(I)I], static int over(int, int) [(II)I], static long over(long)"
                + " [(J)J]");
    assertThatThrownBy(() -> find("$Calls::over", "", 3))
        .hasMessageStartingWith(HERE + "$Calls::over with 3 arguments does not exist; there is: ");
    assertThatThrownBy(() -> find("$Calls::over", "(F)F", 1))
        .hasMessageStartingWith(
            HERE + "$Calls::over(F)F does not exist; there is: static int over(int)");
  }

  @Test
  void nameThatDoesNotExistIsRefusedWithWhatThereIs() {
    assertThatThrownBy(() -> find("$Calls::missing", "", 1))
        .hasMessageContaining("$Calls::missing with 1 argument does not exist; there is: ")
        .hasMessageContaining("static int sum(int[]) [([I)I]")
        .hasMessageContaining("static T first(java.util.List<T>)");
    assertThatThrownBy(() -> find("$Nothing::run", "", 0))
        .hasMessageEndingWith("has no methods of its own.");
  }

  @Test
  void instanceMethodWithoutItsObjectIsRefusedAndTheMessageSaysWhatIsMissing() {
    assertThatThrownBy(() -> find("$Special::name", "", 0))
        .hasMessageEndingWith(
            "there is: java.lang.String name() of a "
                + Special.class.getName()
                + ", the first argument, [()Ljava/lang/String;]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"new", "<init>"})
  void constructorIsNoFunction(String method) {
    assertThatThrownBy(() -> find("$Calls::" + method, "", 0))
        .hasMessageContaining("is a constructor, not a method; write a static method");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.lang.System::exit",
        "java.lang.Runtime::exec",
        "java.sql.DriverManager::getConnection",
        "com.sun.tools.javac.Main::compile"
      })
  void nothingOfTheJdkIsAFunction(String name) {
    assertThatThrownBy(() -> Functions.find(name, "", () -> 1))
        .isInstanceOf(ClassNotFoundException.class)
        .hasMessageContaining("belongs to the JDK");
  }

  @ParameterizedTest
  @CsvSource({"$Special::hashCode, 1", "$Special::toString, 1", "$Numbers::add, 2"})
  void methodsThatAreInheritedFromTheJdkAreNoFunctions(String name, int arity) {
    assertThatThrownBy(() -> find(name, "", arity))
        .isInstanceOf(NoSuchMethodException.class)
        .hasMessageContaining("does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"square", "::square", "com.acme.Missing::run", "[I::clone", "int::x"})
  void whatIsNoNameOfAFunctionIsRefused(String name) {
    assertThatThrownBy(() -> Functions.find(name, "", () -> 1))
        .isInstanceOf(ReflectiveOperationException.class);
  }

  @Test
  void nestedClassThatIsNamedAsInSourceGetsAHint() {
    assertThatThrownBy(() -> find(".Calls::sum", "", 1))
        .hasMessageContaining("a nested class is named com.acme.Outer$Nested");
  }

  @Test
  void findingInitialisesNoClass() throws Throwable {
    assertThat(find("$Loud::run", "", 0)).isNotNull();
    assertThat(System.getProperty("forkyard.test.loud")).isNull();
    assertThat(call("$Loud::run", "")).isEqualTo("true");
  }

  private static Functions.Found find(String name, String signature, int arity)
      throws ReflectiveOperationException {
    return Functions.find(HERE + name, signature, () -> arity);
  }

  private static Object call(String name, String signature, Object... arguments) throws Throwable {
    return (Object) find(name, signature, arguments.length).handle().invokeExact(arguments);
  }

  static final class Calls {
    private Calls() {}

    private static int secret(int n) {
      return n + 1;
    }

    static int sum(int... numbers) {
      int sum = 0;
      for (int number : numbers) {
        sum += number;
      }
      return sum;
    }

    static <T> T first(List<T> list) {
      return list.get(0);
    }

    static int over(int n) {
      return secret(n);
    }

    static long over(long n) {
      return -n;
    }

    static int over(int n, int m) {
      return n + m;
    }
  }

  interface Copyable<T> {
    T copy();

    default String greet() {
      return "hello " + this;
    }
  }

  interface Named {
    static String of(String name) {
      return "of " + name;
    }
  }

  static class General {
    static int twice(int n) {
      return 2 * n;
    }
  }

  static final class Special extends General implements Copyable<Special>, Named {
    private final String name;

    Special(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }

    @Override
    public Special copy() {
      return new Special(name);
    }

    @Override
    public String greet() {
      return "hello " + name;
    }
  }

  static final class Numbers extends ArrayList<Integer> {
    private static final long serialVersionUID = 1L;
  }

  static final class Nothing {}

  static final class Loud {
    static {
      System.setProperty("forkyard.test.loud", "true");
    }

    private Loud() {}

    static String run() {
      return String.valueOf(System.getProperty("forkyard.test.loud"));
    }
  }
}
