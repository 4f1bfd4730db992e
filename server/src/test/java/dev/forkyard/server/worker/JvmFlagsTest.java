package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFlagsTest {
  private static JvmFlags flags(String... flags) {
    return new JvmFlags(List.of(flags));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
        "-javaagent:agent.jar",
        "-Xlog:gc:file=gc.log",
        "-XX:StartFlightRecording",
        "-XX:+FlightRecorder",
        "-XX:+AlwaysPreTouch",
        "-XX:HeapDumpPath=/dumps",
        "-Dcom.sun.management.jmxremote.port=9010",
        "@more-flags",
      })
  void flagsWithEffectsOutsideOfTheProcessAreForNoWorkerThatWaits(String flag) {
    assertThat(flags("-ea", flag).arePrivate()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xmx100m",
        "-ea",
        "-ea:com.acme...",
        "-Dx=y",
        "-Djava.io.tmpdir=/x",
        "-XX:+UseG1GC",
        "-XX:MaxRAMPercentage=50.0",
        "-XX:+ExitOnOutOfMemoryError",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--enable-preview",
      })
  void flagsOfTheProcessAloneAreForWorkersThatWait(String flag) {
    assertThat(flags(flag).arePrivate()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
  void variablesThatVirtualMachinesReadCount(String variable) {
    Map<String, String> variables = Map.of(variable, " -ea  -XX:+UseG1GC ");
    assertThat(of(variables, Map.of()).chooseCollector()).isTrue();
    assertThat(of(Map.of(), variables).forArchive()).containsExactly("-XX:+UseG1GC");
    assertThat(of(Map.of(variable, ""), variables).all()).isEmpty();
  }

  private static JvmFlags of(Map<String, String> own, Map<String, String> inherited) {
    JavaRuntime java = new JavaRuntime("", List.of("/a.jar"), List.of());
    return JvmFlags.of(new WorkerSpec(java, "", own, false), inherited);
  }
}
