package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.ConnectOptions;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.server.testing.Certificate;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The SDK and a daemon that listens on TCP, in clear and with TLS. */
class OverTcpTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String TOKEN = "correct-horse-battery-staple";
  private static Path tokenFile = Path.of("");
  private static Path caFile = Path.of("");
  private static TestDaemon clear;
  private static TestDaemon tls;
  private static ConnectOptions toClear;
  private static ConnectOptions toTls;
  private static int clearPort;
  private static int tlsPort;

  /** A client as a user would write it, told by its environment where to connect. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws InterruptedException {
      try (Forkyard yard = Forkyard.connect();
          ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
        System.out.println(yard.address() + " " + pool.map(Tasks::square, List.of(3)));
      }
    }
  }

  @BeforeAll
  static void start(@TempDir Path files) throws Exception {
    tokenFile = Files.writeString(files.resolve("token"), TOKEN + "\n");
    Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString("rw-------"));
    Certificate certificate = Certificate.make(files, "it", "RSA", "dns:localhost");
    caFile = certificate.certificate();
    clear = start(List.of());
    tls = start(certificate.options());
    clearPort = port(clear.tcpAddress());
    tlsPort = port(tls.tcpAddress());
    toClear = ConnectOptions.to("tcp://127.0.0.1:" + clearPort).token(TOKEN);
    toTls = ConnectOptions.to("tls://localhost:" + tlsPort).tokenFile(tokenFile).caFile(caFile);
  }

  private static TestDaemon start(List<String> more) throws IOException {
    Path directory = Files.createTempDirectory("fy-");
    List<String> options = new ArrayList<>(TestDaemon.standardOptions(directory));
    options.addAll(List.of("--listen", "127.0.0.1:0", "--token-file", tokenFile.toString()));
    options.addAll(more);
    return TestDaemon.start(directory, TestDaemon.launch(directory, options));
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  @AfterAll
  static void stop() throws IOException {
    clear.close();
    tls.close();
  }

  static Stream<ConnectOptions> both() {
    return Stream.of(toClear, toTls);
  }

  private static void assertRefused(String reason, String sentence, ConnectOptions options) {
    assertThatThrownBy(() -> Forkyard.connect(options))
        .hasMessageContaining(sentence)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(reason);
              assertThat(refusal.toString()).doesNotContain(TOKEN);
            });
  }

  @ParameterizedTest
  @MethodSource("both")
  void processesPoolsAndQueuesWorkAsOverTheUnixSocket(ConnectOptions options) throws Exception {
    try (Forkyard yard = Forkyard.connect(options);
        ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(Tasks::square, List.of(1, 2, 3))).containsExactly(1, 4, 9);
      assertThat(yard.processes().start(Tasks::greet, "kel").result()).isEqualTo("hello kel");
      RemoteQueue<String> queue = yard.queues().create(String.class, QueueOptions.defaults());
      queue.put("an item");
      assertThat(queue.get(LONG)).contains("an item");
    }
  }

  @ParameterizedTest
  @MethodSource("both")
  void childrenReachTheDaemonAtItsUnixSocket(ConnectOptions options) throws Exception {
    try (Forkyard yard = Forkyard.connect(options)) {
      var child = yard.processes().start(ProcessSpec.of("sh", "-c", "echo $FORKYARD_ADDRESS"));
      assertThat(child.join(LONG).success()).isTrue();
      TestDaemon daemon = options == toTls ? tls : clear;
      assertThat(child.stdout().readAll()).isEqualTo("unix:" + daemon.socket() + "\n");
    }
  }

  @Test
  void wrongTokenIsRefusedByTheDaemon() {
    assertRefused("TOKEN_WRONG", "--token-file", toClear.token("another-token"));
    assertRefused("TOKEN_WRONG", "--token-file", toTls.token("another-token"));
  }

  @Test
  void daemonWhoseCertificateIsNotBelievedIsNotToldTheToken() {
    String address = "tls://localhost:" + tlsPort;
    assertRefused("TLS_FAILED", "FORKYARD_CA_FILE", ConnectOptions.to(address).token(TOKEN));
  }

  @Test
  void certificateForAnotherHostIsNotBelieved() {
    ConnectOptions byNumber =
        ConnectOptions.to("tls://127.0.0.1:" + tlsPort).token(TOKEN).caFile(caFile);
    assertRefused("TLS_FAILED", "the host that the certificate names", byNumber);
  }

  @Test
  void tlsToADaemonInClearFailsAndViceVersa() {
    ConnectOptions tlsToClear =
        ConnectOptions.to("tls://localhost:" + clearPort).token(TOKEN).caFile(caFile);
    assertRefused("TLS_FAILED", "localhost:" + clearPort, tlsToClear);
    ConnectOptions clearToTls = ConnectOptions.to("tcp://localhost:" + tlsPort).token(TOKEN);
    assertRefused("DAEMON_NOT_RUNNING", "speaks TLS", clearToTls);
  }

  @Test
  void nobodyAtTheAddressIsTold() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    for (String scheme : List.of("tcp", "tls")) {
      ConnectOptions nobody = ConnectOptions.to(scheme + "://localhost:" + free).token(TOKEN);
      assertRefused("DAEMON_NOT_RUNNING", "forkyard daemon --listen", nobody);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.forkyard.server.testing.Jdks#homes")
  void clientFindsAllInItsEnvironmentAndPrintsNothingButItsOwnOutput(Path javaHome)
      throws Exception {
    String address = "tls://localhost:" + tlsPort;
    Map<String, String> variables =
        Map.of(
            "FORKYARD_ADDRESS", address,
            "FORKYARD_TOKEN_FILE", tokenFile.toString(),
            "FORKYARD_CA_FILE", caFile.toString());
    assertThat(said(javaHome, variables)).isEqualTo(address + " [9]\n");
    String inClear = "tcp://localhost:" + clearPort;
    assertThat(said(javaHome, Map.of("FORKYARD_ADDRESS", inClear, "FORKYARD_TOKEN", TOKEN)))
        .isEqualTo(inClear + " [9]\n");
  }

  private static String said(Path javaHome, Map<String, String> variables) throws Exception {
    ProcessBuilder client =
        new ProcessBuilder(
                javaHome.resolve("bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Client.class.getName())
            .redirectErrorStream(true);
    client.environment().putAll(variables);
    Process process = client.start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
