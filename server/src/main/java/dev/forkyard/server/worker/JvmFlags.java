package dev.forkyard.server.worker;

import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The flags that a virtual machine of a user will have: those of the command, and those in
 * variables that every virtual machine reads.
 */
record JvmFlags(List<String> all) {
  private static final List<String> VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  private static final Pattern COLLECTOR = Pattern.compile("-XX:[+-]Use\\w+GC");

  /** Flags with which an archive can be made and used, and that make no difference to it. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "-D(?!java\\.).*|-ea|-da|-X(mx|ms|mn|ss)\\w+|-XX:TieredStopAtLevel=\\d"
              + "|-XX:[+-](HeapDump|Exit|Crash)OnOutOfMemoryError");

  /**
   * Flags whose effects end at the borders of the process. Others open ports, write files or load
   * agents, which nobody expects of a worker that waits.
   */
  private static final Pattern PRIVATE =
      Pattern.compile(
          "-D(?!com\\.sun\\.management).*|-[ed]s?a(:.*)?|-X(mx|ms|mn|ss|int|comp|mixed)\\w*"
              + "|-XX:\\w+=[\\d.]+[kKmMgG]?|-XX:[+-](?!AlwaysPreTouch|FlightRecorder|Log)\\w+"
              + "|--(add-(opens|exports|reads|modules)|enable-native-access)=.*|--enable-preview");

  /** The flags of a Java worker. */
  static JvmFlags of(WorkerSpec spec) {
    return of(spec, spec.clearEnvironment() ? Map.of() : System.getenv());
  }

  static JvmFlags of(WorkerSpec spec, Map<String, String> inherited) {
    Map<String, String> environment = new HashMap<>(inherited);
    environment.putAll(spec.environment());
    List<String> all = new ArrayList<>(((JavaRuntime) spec.runtime()).jvmFlags());
    for (String variable : VARIABLES) {
      String words = environment.getOrDefault(variable, "").strip();
      if (!words.isEmpty()) {
        all.addAll(List.of(words.split("\\s+")));
      }
    }
    return new JvmFlags(all);
  }

  /** Whether the user has chosen a garbage collector; a second one would be an error. */
  boolean chooseCollector() {
    return all.stream().anyMatch(flag -> COLLECTOR.matcher(flag).matches());
  }

  /** Whether a worker may be started with them before anybody has asked for it. */
  boolean arePrivate() {
    return all.stream().allMatch(flag -> PRIVATE.matcher(flag).matches());
  }

  /** The flags that make a difference to an archive; null when one is against archives. */
  @Nullable List<String> forArchive() {
    List<String> flags = new ArrayList<>();
    for (String flag : all) {
      if (COLLECTOR.matcher(flag).matches()) {
        flags.add(flag);
      } else if (!HARMLESS.matcher(flag).matches()) {
        return null;
      }
    }
    return flags;
  }
}
