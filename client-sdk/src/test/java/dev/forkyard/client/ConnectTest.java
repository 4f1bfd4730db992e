package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.internal.LocalDaemon;
import dev.forkyard.client.internal.SocketPath;
import dev.forkyard.client.internal.StatusDetails;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class ConnectTest {
  private final Path dir;

  ConnectTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private static void assertRefused(String address, String reason, String sentence) {
    assertThatThrownBy(() -> Forkyard.connect(address))
        .hasMessageContaining(sentence)
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private static void assertRefused(ConnectOptions options, String reason, String sentence) {
    assertThatThrownBy(() -> Forkyard.connect(options))
        .hasMessageContaining(sentence)
        .isInstanceOfSatisfying(
            ForkyardException.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  private static boolean isRoot() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  private Path socket() throws IOException {
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
    return dir.resolve("forkyard.sock");
  }

  private static void leaveStaleSocket(Path socket) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void missingSocketSaysHowToStartADaemon() throws IOException {
    assertRefused(
        "unix:" + socket(), "DAEMON_NOT_RUNNING", "start one with `forkyard daemon` or use");
  }

  @Test
  void missingDirectorySaysHowToStartADaemon() {
    assertRefused("unix:" + dir.resolve("none/s"), "DAEMON_NOT_RUNNING", "start one with");
  }

  @Test
  void socketThatNobodyServesSaysHowToStartADaemon() throws IOException {
    leaveStaleSocket(socket());
    assertRefused("unix:" + socket(), "DAEMON_NOT_RUNNING", "start one with");
  }

  @Test
  void addressWithoutSchemeIsRefused() {
    assertRefused("localhost:8080", "ADDRESS_INVALID", "unix:/path");
    assertRefused("unix:", "ADDRESS_INVALID", "unix:/path");
    assertRefused("localhost:8080", "ADDRESS_INVALID", "tcp://127.0.0.1:7000");
  }

  @Test
  void pathOfMoreThan107BytesIsRefused() {
    assertRefused("unix:/tmp/" + "x".repeat(103), "SOCKET_PATH_TOO_LONG", "108 bytes");
    assertRefused("unix:/tmp/" + "x".repeat(102), "DAEMON_NOT_RUNNING", "start one with");
    assertRefused("unix:/tmp/" + "ü".repeat(52), "SOCKET_PATH_TOO_LONG", "109 bytes");
  }

  @Test
  void symbolicLinkInPlaceOfTheSocketIsNotTrusted() throws IOException {
    Path real = socket().resolveSibling("real.sock");
    leaveStaleSocket(real);
    Files.createSymbolicLink(socket(), real);
    assertRefused("unix:" + socket(), "SOCKET_NOT_TRUSTED", "is a symbolic link");
  }

  @Test
  void symbolicLinkInPlaceOfTheDirectoryIsNotTrusted() throws IOException {
    leaveStaleSocket(socket());
    Path link = Files.createSymbolicLink(dir.resolveSibling(dir.getFileName() + "-link"), dir);
    try {
      assertRefused("unix:" + link.resolve("forkyard.sock"), "SOCKET_NOT_TRUSTED", "symbolic link");
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void fileInPlaceOfTheSocketIsNotTrusted() throws IOException {
    Files.writeString(socket(), "hello", StandardCharsets.UTF_8);
    assertRefused("unix:" + socket(), "SOCKET_NOT_TRUSTED", "is not a socket");
  }

  @Test
  void directoryThatOthersCanWriteIsNotTrusted() throws IOException {
    leaveStaleSocket(socket());
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused("unix:" + dir.resolve("forkyard.sock"), "SOCKET_NOT_TRUSTED", "by others");
  }

  @Test
  void socketThatOthersCanWriteIsNotTrusted() throws IOException {
    leaveStaleSocket(socket());
    Files.setPosixFilePermissions(socket(), PosixFilePermissions.fromString("rwxr-xrwx"));
    assertRefused("unix:" + socket(), "SOCKET_NOT_TRUSTED", "by others");
  }

  @Test
  void directoryOfSomebodyElseIsNotTrusted() throws IOException {
    Path foreign = Path.of("/etc/passwd"); // root's, where we are not
    int owner = 0;
    if (isRoot()) {
      owner = 65_534;
      foreign = socket();
      leaveStaleSocket(foreign);
      Files.setAttribute(dir, "unix:uid", owner);
    }
    assertRefused("unix:" + foreign, "SOCKET_NOT_TRUSTED", "belongs to user " + owner);
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can give files away")
  void socketOfSomebodyElseIsNotTrusted() throws IOException {
    leaveStaleSocket(socket());
    Files.setAttribute(socket(), "unix:uid", 65_534);
    assertRefused("unix:" + socket(), "SOCKET_NOT_TRUSTED", "belongs to user 65534");
  }

  @Test
  void addressOnTcpHasAHostAndAPort() {
    for (String bad : List.of("tcp://", "tcp:host:1", "tcp://host", "tls://:1", "tls://::1:1")) {
      assertRefused(bad, "ADDRESS_INVALID", "tls://host:7000");
    }
    assertRefused("tcp://127.0.0.1:0", "ADDRESS_INVALID", "tls://host:7000");
    assertRefused("tls://127.0.0.1:65536", "ADDRESS_INVALID", "tls://host:7000");
  }

  @Test
  void tokenIsNotSentInClearToOtherMachines() {
    for (String host :
        List.of("192.0.2.1", "0.0.0.0", "[2001:db8::1]", "host.example", "127.1.x")) {
      ConnectOptions inClear = ConnectOptions.to("tcp://" + host + ":7000").token("secret");
      assertRefused(inClear, "TLS_REQUIRED", "use tls://");
    }
    for (String host : List.of("127.0.0.1", "127.8.8.8", "localhost", "[::1]")) {
      ConnectOptions inClear = ConnectOptions.to("tcp://" + host + ":1").token("secret");
      assertRefused(inClear, "DAEMON_NOT_RUNNING", "tcp://" + host + ":1");
    }
  }

  @Test
  void tcpNeedsATokenThatCanBeSent() {
    ConnectOptions none = ConnectOptions.to("tcp://127.0.0.1:1");
    assertRefused(none, "TOKEN_MISSING", "FORKYARD_TOKEN_FILE");
    assertRefused(none.token(" "), "TOKEN_UNUSABLE", "empty");
    assertRefused(none.token("a b"), "TOKEN_UNUSABLE", "white space");
    assertRefused(none.tokenFile(dir.resolve("none")), "TOKEN_UNUSABLE", "cannot be read");
    assertRefused(none.token("x").tokenFile(dir), "TOKEN_UNUSABLE", "cannot be read");
  }

  @Test
  void certificatesHaveToBeReadable() throws IOException {
    Path file = Files.writeString(dir.resolve("ca"), "no certificate");
    ConnectOptions options = ConnectOptions.to("tls://127.0.0.1:1").token("secret");
    assertRefused(options.caFile(file), "CA_UNUSABLE", "no certificate as PEM");
    assertRefused(options.caFile(dir.resolve("none")), "CA_UNUSABLE", "cannot be read");
  }

  @Test
  void optionsDoNotShowTheToken() {
    assertThat(ConnectOptions.to("tls://host:1").token("secret").caFile(dir))
        .hasToString(
            "ConnectOptions[tls://host:1, Credentials[token file null, certificates " + dir + "]]");
  }

  @Test
  void privateDaemonThatCannotBeFoundIsExplained() {
    assertThatThrownBy(() -> LocalDaemon.start(Map.of()))
        .hasMessageContaining("set FORKYARD_HOME")
        .satisfies(
            error ->
                assertThat(
                        StatusDetails.hasReason((StatusRuntimeException) error, "DAEMON_NOT_FOUND"))
                    .isTrue());
  }

  @Test
  void addressComesFromTheEnvironmentElseFromTheUsersDirectories() {
    assertThat(
            SocketPath.defaultAddress(
                Map.of("FORKYARD_ADDRESS", "unix:/a", "XDG_RUNTIME_DIR", "/r")))
        .isEqualTo("unix:/a");
    assertThat(SocketPath.defaultAddress(Map.of("XDG_RUNTIME_DIR", "/r")))
        .isEqualTo("unix:/r/forkyard/forkyard.sock");
    assertThat(SocketPath.defaultAddress(Map.of()))
        .matches("unix:/tmp/forkyard-[0-9]+/forkyard.sock");
  }
}
