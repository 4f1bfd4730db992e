package dev.forkyard.client.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDaemonTest {
  private static final String MAIN = "dev/forkyard/server/daemon/Main";

  private final Path dir;
  private final Map<String, String> env;

  LocalDaemonTest(@TempDir Path dir) throws IOException {
    this.dir = dir;
    this.env = Map.of("FORKYARD_HOME", dir.resolve("home").toString());
    Files.createDirectories(dir.resolve("home/lib"));
  }

  @Test
  void daemonIsFoundInForkyardHomeAndLeavesNothing() throws Exception {
    install("System.out.println(\"forkyard: ready\"); while (System.in.read() >= 0) {}");
    Path temp = Files.createDirectory(dir.resolve("t"));
    try (LocalDaemon daemon = LocalDaemon.start(env, temp)) {
      assertThat(daemon.socket().path()).startsWithRaw(temp);
    }
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void daemonThatEndsAtOnceIsExplainedWithItsLastWords() throws Exception {
    install("System.err.println(\"no room\");");
    Path temp = Files.createDirectory(dir.resolve("t"));
    assertThatThrownBy(() -> LocalDaemon.start(env, temp))
        .hasMessageContaining("no room")
        .satisfies(error -> assertThat(isRefusal(error, "DAEMON_NOT_STARTED")).isTrue());
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void temporaryFolderTooDeepForASocketIsRefusedAndLeftEmpty() throws Exception {
    install("");
    Path temp = Files.createDirectory(dir.resolve("x".repeat(107)));
    assertThatThrownBy(() -> LocalDaemon.start(env, temp))
        .satisfies(error -> assertThat(isRefusal(error, "SOCKET_PATH_TOO_LONG")).isTrue());
    assertThat(temp).isEmptyDirectory();
  }

  private static boolean isRefusal(Throwable error, String reason) {
    return error instanceof StatusRuntimeException refusal
        && StatusDetails.hasReason(refusal, reason);
  }

  /** Puts a daemon into the home whose main method has this body. */
  private void install(String body) throws IOException {
    Path source = dir.resolve("src").resolve(MAIN + ".java");
    Files.createDirectories(Objects.requireNonNull(source.getParent()));
    Files.writeString(
        source,
        "package dev.forkyard.server.daemon; public class Main {"
            + " public static void main(String[] args) throws Exception { "
            + body
            + " } }",
        UTF_8);
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString()))
        .isZero();
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(dir.resolve("home/lib/server.jar")))) {
      jar.putNextEntry(new JarEntry(MAIN + ".class"));
      Files.copy(dir.resolve("src").resolve(MAIN + ".class"), jar);
    }
  }
}
