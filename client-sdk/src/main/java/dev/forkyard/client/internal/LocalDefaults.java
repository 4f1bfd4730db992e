package dev.forkyard.client.internal;

import dev.forkyard.v1.JavaRuntime;
import dev.forkyard.v1.WorkerSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a process gets from the caller of the SDK where nothing else is said. */
public final class LocalDefaults {
  /** What the daemon sets, and what its children do not need: they reach it without a token. */
  private static final Set<String> NOT_PASSED_ON =
      Set.of(
          SocketPath.ADDRESS_VARIABLE,
          "FORKYARD_SESSION",
          "FORKYARD_YARD",
          Credentials.TOKEN_VARIABLE,
          Credentials.TOKEN_FILE_VARIABLE,
          Credentials.CA_FILE_VARIABLE);

  private static final String WORKER_PREFIX = "FORKYARD_WORKER_";

  private LocalDefaults() {}

  /** {@return the caller's working directory} */
  public static Path cwd() {
    return Path.of("").toAbsolutePath();
  }

  /** {@return the caller's environment, without what concerns the connection to the daemon} */
  public static Map<String, String> env() {
    return env(System.getenv());
  }

  static Map<String, String> env(Map<String, String> own) {
    return own.entrySet().stream()
        .filter(variable -> !isNotPassedOn(variable.getKey()))
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /**
   * {@return a worker that runs the caller's classes with the caller's Java}
   *
   * @param jvmFlags flags of its virtual machine
   * @param env variables on top of the caller's environment
   * @throws io.grpc.StatusRuntimeException with reason CLASS_PATH_UNUSABLE if a worker could not
   *     run the caller's classes
   */
  public static WorkerSpec worker(List<String> jvmFlags, Map<String, String> env) {
    return WorkerSpec.newBuilder()
        .setJava(
            JavaRuntime.newBuilder()
                .setJavaHome(System.getProperty("java.home"))
                .addAllClassPath(WorkerClassPath.ofThisJvm())
                .addAllJvmFlags(jvmFlags))
        .setCwd(cwd().toString())
        .putAllEnv(env())
        .putAllEnv(env)
        .setClearEnv(true)
        .build();
  }

  private static boolean isNotPassedOn(String name) {
    return NOT_PASSED_ON.contains(name) || name.startsWith(WORKER_PREFIX);
  }
}
