package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.ProcessSpec;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs with pools as people start them: class paths, module paths, jars, terminals. */
@Timeout(180)
class ProgramStartTest {
  private static final String PROGRAM = PoolProgram.class.getName();
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static String runOn(String classPath) throws Exception {
    return Programs.run(Programs.JAVA, "-cp", classPath, PROGRAM, yard.address());
  }

  /** What the program shows on a terminal of this kind. */
  private static Stream<String> linesOnTerminal(String kind, String classPath) throws Exception {
    ManagedProcess process =
        yard.processes()
            .start(
                ProcessSpec.of(Programs.JAVA, "-cp", classPath, PROGRAM, yard.address())
                    .terminal(24, 100)
                    .env("TERM", kind));
    assertThat(process.join().success()).isTrue();
    return Stream.of(process.stdout().readAll().split("\r?\n"));
  }

  private static void assertPlainLines(Stream<String> lines) {
    assertThat(lines.filter(line -> line.startsWith("counting")))
        .noneMatch(line -> line.contains("%") || line.contains("\r"))
        .last()
        .asString()
        .startsWith("counting 20/20, 0 running, 0 queued, 0 failed, ")
        .endsWith("/s");
  }

  @Test
  void progressIsTheStateInPlainLinesWhereStandardErrorIsNoTerminal() throws Exception {
    String output = runOn(Programs.classPathWithout("none"));
    assertThat(output).contains("the last result is 361");
    assertPlainLines(output.lines());
  }

  @Test
  void progressIsABarThatIsDrawnAgainOnOneLineOfATerminal() throws Exception {
    assertThat(linesOnTerminal("xterm", Programs.classPathWithout("none")))
        .anyMatch(line -> line.contains("\rcounting 100%") && line.contains("20/20"));
  }

  @Test
  void progressIsPlainLinesOnATerminalThatCannotDraw() throws Exception {
    assertPlainLines(linesOnTerminal("dumb", Programs.classPathWithout("none")));
    assertPlainLines(linesOnTerminal("xterm", Programs.classPathWithout("jline")));
  }

  @Test
  void progressWithoutItsLibraryIsRefusedWithItsName() throws Exception {
    assertThat(runOn(Programs.classPathWithout("progressbar")))
        .startsWith("PROGRESS_BAR_MISSING")
        .contains("me.tongfei:progressbar", "add it to the dependencies");
  }

  @Test
  void classPathWithAMissingJarIsRefusedWithItsName() throws Exception {
    String classPath = Programs.classPathWithout("none") + File.pathSeparator + "/no/such.jar";
    assertThat(runOn(classPath))
        .startsWith("CLASS_PATH_UNUSABLE")
        .contains("/no/such.jar", "take it off the class path");
  }

  @Test
  void programInAModuleIsRefusedWithTheWayToStartIt(@TempDir Path dir) throws Exception {
    Programs.module(dir, PoolProgram.class);
    assertThat(
            Programs.run(
                Programs.JAVA,
                "-cp",
                Programs.classPathWithout("none"),
                "-p",
                dir.toString(),
                "-m",
                "app/app.Main",
                yard.address()))
        .startsWith("CLASS_PATH_UNUSABLE")
        .contains("the module app", "start it with the same jars on the class path");
  }

  @Test
  void programInAJarOfJarsIsRefusedWithTheWayToUnpackIt(@TempDir Path dir) throws Exception {
    Path jar = dir.resolve("app.jar");
    Programs.bootJar(jar, PoolProgram.class);
    assertThat(Programs.run(Programs.JAVA, "-jar", jar.toString(), yard.address()))
        .startsWith("CLASS_PATH_UNUSABLE")
        .contains("jars inside a jar", "-Djarmode=tools");
  }
}
