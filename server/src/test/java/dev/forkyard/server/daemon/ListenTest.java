package dev.forkyard.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.testing.Certificate;
import dev.forkyard.server.testing.Jdks;
import dev.forkyard.server.testing.TestDaemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon wants before it listens on TCP. Each refusal says what to add. */
@SuppressWarnings("NullAway.Init")
class ListenTest {
  private final Path files;
  private Path directory;
  private TestDaemon daemon;

  ListenTest(@TempDir Path files) {
    this.files = files;
  }

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("fy-");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    if (daemon != null) {
      daemon.kill();
    }
    TestDaemon.awaitNothingLeft(directory);
    if (Files.exists(directory)) {
      TestDaemon.delete(directory);
    }
  }

  private List<String> options(Object... more) {
    List<String> options = new ArrayList<>(TestDaemon.standardOptions(directory));
    Arrays.stream(more).map(String::valueOf).forEach(options::add);
    return options;
  }

  private TestDaemon start(Object... more) throws IOException {
    daemon = TestDaemon.start(directory, TestDaemon.launch(directory, options(more)));
    return daemon;
  }

  /** Starts a daemon that cannot start; answers the one sentence that it says. */
  private String refusal(Object... more) throws Exception {
    Process process = TestDaemon.launch(directory, options(more));
    assertThat(process.waitFor(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("log: %s", TestDaemon.log(directory)).isEqualTo(2);
    assertThat(process.getInputStream().readAllBytes()).isEmpty();
    assertThat(TestDaemon.log(directory)).hasSize(1);
    assertThat(TestDaemon.socket(directory)).doesNotExist();
    String sentence = TestDaemon.log(directory).get(0);
    Files.delete(directory.resolve("log"));
    assertThat(sentence).startsWith("forkyard: ");
    return sentence;
  }

  private Path file(String text, String mode) throws IOException {
    Path file = Files.writeString(files.resolve("file"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private Path token() throws IOException {
    return file("0123456789abcdef\n", "rw-------");
  }

  /** The inodes of all TCP sockets of this machine that listen. */
  private static Set<String> listening() throws IOException {
    Set<String> inodes = new HashSet<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        lines
            .map(line -> line.strip().split(" +"))
            .filter(columns -> columns[3].equals("0A"))
            .forEach(columns -> inodes.add("socket:[" + columns[9] + "]"));
      }
    }
    return inodes;
  }

  private Set<String> descriptors() throws IOException {
    Path all = Path.of("/proc", Long.toString(daemon.process().pid()), "fd");
    try (Stream<Path> links = Files.list(all)) {
      return links.map(ListenTest::target).collect(Collectors.toSet());
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  @Test
  void tcpIsOffUnlessAskedFor() throws Exception {
    start();
    assertThat(descriptors()).doesNotContainAnyElementsOf(listening());
    daemon.close();
    directory = Files.createTempDirectory("fy-");
    start("--listen", "localhost:0", "--token-file", token());
    assertThat(daemon.tcpAddress()).matches("tcp://localhost:\\d+");
    assertThat(descriptors()).containsAnyElementsOf(listening());
    daemon.close();
  }

  @Test
  void tlsDaemonSaysNothingThatIsNotItsOwnOnANewerJdk() throws Exception {
    Certificate certificate = Certificate.make(files, "it", "RSA", "dns:localhost");
    List<String> options = options("--listen", "[::1]:0", "--token-file", token());
    options.addAll(certificate.options());
    Process process = TestDaemon.launch(directory, Jdks.newer().toString(), options);
    daemon = TestDaemon.start(directory, process);
    assertThat(daemon.tcpAddress()).matches("tls://\\[::1]:\\d+");
    daemon.close(); // which checks every line
  }

  @Test
  void tcpNeedsATokenEvenOnLoopback() throws Exception {
    assertThat(refusal("--listen", "127.0.0.1:0"))
        .contains("needs a token", "add --token-file", "openssl rand -hex 32");
  }

  @Test
  void otherAddressesThanLoopbackNeedTls() throws Exception {
    for (String address : List.of("0.0.0.0:0", "[::]:0", "192.0.2.1:0")) {
      assertThat(refusal("--listen", address, "--token-file", token()))
          .contains("in clear", "add --tls-cert FILE and --tls-key FILE", "127.0.0.1");
    }
  }

  @Test
  void optionsOfTcpNeedListen() throws Exception {
    assertThat(refusal("--token-file", token())).contains("--token-file", "add --listen");
    assertThat(refusal("--tls-cert", "c")).contains("--tls-cert", "add --listen");
    assertThat(refusal("--tls-key", "k")).contains("--tls-key", "add --listen");
  }

  @Test
  void certificateAndKeyNeedEachOther() throws Exception {
    String[] tcp = {"--listen", "127.0.0.1:0", "--token-file", token().toString()};
    assertThat(refusal(tcp[0], tcp[1], tcp[2], tcp[3], "--tls-cert", "c"))
        .contains("add --tls-key");
    assertThat(refusal(tcp[0], tcp[1], tcp[2], tcp[3], "--tls-key", "k"))
        .contains("add --tls-cert");
  }

  @Test
  void addressHasAHostAndAPort() throws Exception {
    for (String address : List.of("7000", ":7000", "127.0.0.1", "::1:7000", "127.0.0.1:65536")) {
      assertThat(refusal("--listen", address, "--token-file", token()))
          .contains("--listen " + address, "127.0.0.1:7000", "[::1]:7000");
    }
    assertThat(refusal("--listen", "host.invalid:7000", "--token-file", token()))
        .contains("no known host");
  }

  @Test
  void tokenFileIsPrivateAndHoldsAToken() throws Exception {
    assertThat(tokenRefusal("0123456789abcdef", "rw-r-----")).contains("chmod 600");
    assertThat(tokenRefusal("0123456789abcdef", "rw-----w-")).contains("chmod 600");
    assertThat(tokenRefusal("0123456789abcde\n", "rw-------"))
        .contains("15 characters", "at least 16", "openssl rand");
    assertThat(tokenRefusal("0123456789 abcdef", "rw-------")).contains("white space");
    assertThat(tokenRefusal("0123456789abcdefü", "rw-------")).contains("ASCII");
    assertThat(tokenRefusal("x".repeat(2_000), "rw-------")).contains("more than 1024 bytes");
    Files.delete(files.resolve("file"));
    assertThat(refusal("--listen", "127.0.0.1:0", "--token-file", files.resolve("file")))
        .contains("cannot be read", "openssl rand");
    assertThat(refusal("--listen", "127.0.0.1:0", "--token-file", files)).contains("not a file");
  }

  private String tokenRefusal(String text, String mode) throws Exception {
    String said = refusal("--listen", "127.0.0.1:0", "--token-file", file(text, mode));
    assertThat(said).contains("the token file " + files.resolve("file")).doesNotContain(text);
    return said;
  }

  @Test
  void certificateAndKeyAreReadableAndBelongTogether() throws Exception {
    Certificate it = Certificate.make(files, "it", "RSA", "dns:localhost");
    Certificate other = Certificate.make(files, "other", "RSA", "dns:localhost");
    Certificate curve = Certificate.make(files, "curve", "EC", "dns:localhost");
    assertThat(tlsRefusal(it.certificate(), other.key())).contains("does not belong");
    assertThat(tlsRefusal(it.certificate(), curve.key())).contains("does not belong");
    assertThat(tlsRefusal(it.key(), it.key())).contains("holds no certificate", "BEGIN");
    assertThat(tlsRefusal(it.certificate(), it.certificate())).contains("openssl pkcs8");
    assertThat(tlsRefusal(files.resolve("none"), it.key()))
        .contains("none of --tls-cert cannot be read");
    assertThat(tlsRefusal(it.certificate(), files.resolve("none")))
        .contains("none of --tls-key cannot be read");
    Files.setPosixFilePermissions(it.key(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(tlsRefusal(it.certificate(), it.key())).contains("everybody", "chmod 600");
  }

  private String tlsRefusal(Path certificate, Path key) throws Exception {
    return refusal(
        "--listen",
        "127.0.0.1:0",
        "--token-file",
        token(),
        "--tls-cert",
        certificate,
        "--tls-key",
        key);
  }

  @Test
  void portInUseIsToldAndNothingIsLeft() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThat(refusal("--listen", address, "--token-file", token()))
          .contains(address, "in use", "--listen");
    }
  }
}
