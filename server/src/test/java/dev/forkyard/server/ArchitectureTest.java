package dev.forkyard.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shape that the design promises. A rule without classes to check fails. */
class ArchitectureTest {
  private static final String SERVER = "dev.forkyard.server.";
  private static final String[] GENERATED = {
    "dev.forkyard.v1..", "com.google.protobuf..", "com.google.rpc.."
  };

  /** What each package may use of the others. */
  private static final Map<String, List<String>> USES =
      Map.of(
          "core", List.of(),
          "os", List.of("core"),
          "session", List.of("core"),
          "queue", List.of("session", "core"),
          "pipe", List.of("session", "core"),
          "process", List.of("os", "session", "core"),
          "worker", List.of("process", "os", "session", "core"),
          "pool", List.of("worker", "process", "session", "core"),
          "rpc", List.of("process", "worker", "pool", "queue", "pipe", "session", "core"),
          "daemon",
              List.of(
                  "rpc", "process", "worker", "pool", "queue", "pipe", "session", "os", "core"));

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.forkyard");
  }

  static Stream<String> packages() {
    return USES.keySet().stream().sorted();
  }

  @Test
  void everyPackageOfTheServerHasItsDirections() {
    assertThat(
            all.stream()
                .map(type -> type.getPackageName())
                .filter(name -> name.startsWith(SERVER))
                .map(name -> name.substring(SERVER.length()))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(USES.keySet());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void packagesUseOnlyWhatIsBelowThem(String name) {
    String[] others =
        USES.keySet().stream()
            .filter(
                other -> !other.equals(name) && !USES.getOrDefault(name, List.of()).contains(other))
            .map(other -> SERVER + other + "..")
            .toArray(String[]::new);
    if (others.length > 0) {
      noClasses()
          .that()
          .resideInAPackage(SERVER + name + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(all);
    }
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.forkyard.server.(*)..").should().beFreeOfCycles().check(all);
    slices()
        .matching("dev.forkyard.(client.internal|worker)..")
        .should()
        .beFreeOfCycles()
        .check(all);
  }

  @Test
  void transportAndGeneratedTypesStayInRpcAndDaemon() {
    noClasses()
        .that()
        .resideInAPackage("dev.forkyard.server..")
        .and()
        .resideOutsideOfPackages("dev.forkyard.server.rpc..", "dev.forkyard.server.daemon..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(GENERATED).or(resideInAnyPackage("io.grpc..", "io.netty..")))
        .check(all);
  }

  @Test
  void nativeCodeStaysInOs() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.forkyard.server.os..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(all);
    classes()
        .that()
        .resideInAPackage("dev.forkyard.server.os..")
        .and()
        .haveSimpleName("LibC")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(all);
  }

  @Test
  void serverStartsNoProcessByTheJdk() {
    noClasses()
        .that()
        .resideInAPackage("dev.forkyard.server..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ProcessBuilder.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String[].class)
        .orShould()
        .callMethod(Runtime.class, "exec", String[].class, String[].class)
        .orShould()
        .callMethod(Runtime.class, "exec", String.class)
        .check(all);
  }

  @Test
  void onlyTheDaemonCommandPrints() {
    noClasses()
        .that()
        .resideInAPackage("dev.forkyard.server..")
        .and()
        .resideOutsideOfPackage("dev.forkyard.server.daemon..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(all);
  }

  @Test
  void sdkDoesNotKnowTheServer() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.forkyard.client..", "dev.forkyard.worker..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.forkyard.server..")
        .check(all);
  }

  @Test
  void workerStartsWithNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage("dev.forkyard.worker..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "dev.forkyard.worker..",
            "dev.forkyard.client.internal..",
            "org.jspecify.annotations..",
            "com.google.errorprone.annotations..")
        .check(all);
  }

  @Test
  void serverDoesNotUseTheSdk() {
    noClasses()
        .that()
        .resideInAPackage("dev.forkyard.server..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.forkyard.client..", "dev.forkyard.worker..")
        .check(all);
  }
}
