package dev.forkyard.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.forkyard.server.os.Platform;
import dev.forkyard.server.testing.TestDaemon;
import dev.forkyard.v1.GetSystemInfoRequest;
import dev.forkyard.v1.SystemServiceGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Whom the daemon trusts: nobody but its own user. Two tests give files away or act as somebody
 * else, which only root can; elsewhere they are reported as skipped, and {@code OwnUserOnlyTest}
 * shows that other users are refused.
 */
@SuppressWarnings("NullAway.Init")
class TrustTest {
  private static final int STRANGER = 65_534;
  private Path directory;

  /** A program that another user runs: connects, says what a client says, counts the answer. */
  static final class Stranger {
    private Stranger() {}

    public static void main(String[] sockets) throws IOException {
      for (String path : sockets) {
        int received = 0;
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          socket.connect(UnixDomainSocketAddress.of(path));
          System.out.println("connected");
          ByteBuffer bytes = ByteBuffer.allocate(1_024);
          String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
          socket.write(ByteBuffer.wrap(preface.getBytes(StandardCharsets.US_ASCII)));
          for (int count = socket.read(bytes); count > 0; count = socket.read(bytes)) {
            received += count;
            bytes.clear();
          }
        } catch (IOException refused) {
          // the same as an answer of nothing
        }
        System.out.println(received);
      }
    }
  }

  static boolean isRoot() {
    return Platform.effectiveUid() == 0;
  }

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory("fy-");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    TestDaemon.awaitNothingLeft(directory);
    if (Files.exists(directory)) {
      TestDaemon.delete(directory);
    }
  }

  /** Starts a daemon that cannot start; answers the one sentence that it says. */
  private String refusal(Path socket, Path state) throws Exception {
    List<String> options = List.of("--socket", socket.toString(), "--state-dir", state.toString());
    Process process = TestDaemon.launch(directory, options);
    assertThat(process.waitFor(TestDaemon.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("log: %s", TestDaemon.log(directory)).isEqualTo(2);
    assertThat(TestDaemon.log(directory)).hasSize(1);
    String sentence = TestDaemon.log(directory).get(0);
    Files.delete(directory.resolve("log"));
    return sentence;
  }

  private Path state() {
    return directory.resolve("state");
  }

  private Path socket() {
    return TestDaemon.socket(directory);
  }

  private static void give(Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", STRANGER);
  }

  private Path privateDirectory(String name) throws IOException {
    return Files.createDirectory(
        directory.resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void leaveSocket(Path path) throws IOException {
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(path));
    }
  }

  /** Root's own if we are somebody else. */
  private Path somebodyElses() throws IOException {
    if (!isRoot()) {
      return Path.of("/etc");
    }
    Path foreign = privateDirectory("foreign");
    give(foreign);
    return foreign;
  }

  @Test
  void directoriesOfSomebodyElseAreRefused() throws Exception {
    Path foreign = somebodyElses();
    int owner = isRoot() ? STRANGER : 0;
    assertThat(refusal(socket(), foreign)).contains("belongs to user " + owner, "--state-dir");
    assertThat(refusal(foreign.resolve("s"), state()))
        .contains("belongs to user " + owner, "--socket");
  }

  @Test
  void directoriesThatOthersMayWriteToAreRefused() throws Exception {
    Path open = Files.createDirectory(directory.resolve("open"));
    for (String mode : List.of("rwxrwx---", "rwx----w-", "rwxrwxrwx")) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString(mode));
      assertThat(refusal(socket(), open)).contains("written to by others", "--state-dir");
      assertThat(refusal(open.resolve("s"), state())).contains("written to by others", "--socket");
    }
  }

  @Test
  void linksInPlaceOfDirectoriesAreRefused() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), privateDirectory("real"));
    assertThat(refusal(socket(), link)).contains("link", "--state-dir");
    assertThat(refusal(link.resolve("s"), state())).contains("link", "--socket");
  }

  @Test
  void linkInPlaceOfASocketIsRefusedAndKept() throws Exception {
    Path real = directory.resolve("real");
    leaveSocket(real);
    for (Path place : List.of(socket(), directory.resolve("s.w"))) {
      Files.createSymbolicLink(place, real);
      assertThat(refusal(socket(), state())).contains(place + " ", "not a socket", "--socket");
      assertThat(place).isSymbolicLink();
      Files.delete(place);
    }
  }

  @Test
  void fileInPlaceOfTheSocketOfWorkersIsRefusedAndKept() throws Exception {
    Path place = Files.writeString(directory.resolve("s.w"), "precious");
    assertThat(refusal(socket(), state())).contains(place + " ", "not a socket", "--socket");
    assertThat(place).hasContent("precious");
  }

  @Test
  void linkOrPipeInPlaceOfTheLockIsRefused() throws Exception {
    Path lock = privateDirectory("state").resolve("lock");
    Path target = Files.writeString(directory.resolve("precious"), "precious");
    Files.createSymbolicLink(lock, target);
    assertThat(refusal(socket(), state())).contains("the lock " + lock, "link", "--state-dir");
    assertThat(target).hasContent("precious");
    Files.delete(lock);
    assertThat(new ProcessBuilder("mkfifo", lock.toString()).start().waitFor()).isZero();
    assertThat(refusal(socket(), state())).contains("the lock " + lock, "--state-dir");
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can give files away")
  void lockAndSocketsOfSomebodyElseAreRefused() throws Exception {
    leaveSocket(socket());
    give(socket());
    assertThat(refusal(socket(), state())).contains("belongs to user 65534", "--socket");
    assertThat(socket()).exists();
    Files.delete(socket());
    Path lock = Files.createFile(state().resolve("lock-of-somebody"));
    give(lock);
    Files.move(lock, state().resolve("lock"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(refusal(socket(), state())).contains("lock belongs to user 65534", "--state-dir");
  }

  @Test
  @EnabledIf(value = "isRoot", disabledReason = "only root can act as another user")
  void clientOfAnotherUserIsRefusedEvenWhereModesLetItIn() throws Exception {
    TestDaemon daemon =
        TestDaemon.start(
            directory, TestDaemon.launch(directory, TestDaemon.standardOptions(directory)));
    try {
      for (String name : List.of("", "s", "s.w")) {
        Files.setPosixFilePermissions(
            directory.resolve(name), PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      assertThat(strangersReport()).containsExactly("connected", "0", "connected", "0");
      await()
          .atMost(TestDaemon.PATIENCE)
          .until(() -> daemon.log().stream().filter(TrustTest::isWarning).count() == 2);
      assertThat(
              SystemServiceGrpc.newBlockingStub(daemon.channel())
                  .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                  .getPid())
          .isEqualTo((int) daemon.process().pid());
    } finally {
      daemon.kill();
    }
  }

  private static boolean isWarning(String line) {
    return line.contains(" WARNING user 65534 tried to connect and was refused");
  }

  /** What the stranger says who tries both sockets, from a folder that it can read. */
  private List<String> strangersReport() throws Exception {
    String name = Stranger.class.getName().replace('.', '/') + ".class";
    Path classes = Files.createDirectory(directory.resolve("classes"));
    Path file = classes.resolve(name);
    Files.createDirectories(file.getParent());
    try (InputStream bytes = Stranger.class.getClassLoader().getResourceAsStream(name)) {
      Files.copy(bytes, file);
    }
    List<String> command = new ArrayList<>();
    command.addAll(List.of("setpriv", "--reuid", "" + STRANGER, "--regid", "" + STRANGER));
    command.addAll(List.of("--clear-groups", System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of("-cp", classes.toString(), Stranger.class.getName()));
    command.addAll(List.of(socket().toString(), socket() + ".w"));
    Process stranger = new ProcessBuilder(command).redirectErrorStream(true).start();
    return stranger.inputReader(StandardCharsets.UTF_8).lines().toList();
  }
}
