package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.client.Forkyard;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class PrivateDaemonTest {
  /** A client that tells of its daemon and then waits for ever. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) throws InterruptedException {
      Forkyard yard = Forkyard.startLocal();
      System.out.println(yard.systemInfo().pid() + " " + yard.address());
      Thread.currentThread().join();
    }
  }

  private static Path socket(String address) {
    return Path.of(address.substring("unix:".length()));
  }

  @Test
  void closedDaemonIsGoneWithItsDirectory() {
    Forkyard yard = Forkyard.startLocal();
    int pid = yard.systemInfo().pid();
    assertThat(ProcessHandle.of(pid)).isPresent();
    yard.close();
    yard.close();
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(socket(yard.address()).getParent()).doesNotExist();
  }

  @Test
  void daemonOfAKilledClientEndsAndLeavesNothing() throws Exception {
    Process client =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Client.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String[] told =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))
            .readLine()
            .split(" ", 2);
    ProcessHandle daemon = ProcessHandle.of(Long.parseLong(told[0])).orElseThrow();
    client.destroyForcibly();
    daemon.onExit().get(60, TimeUnit.SECONDS);
    assertThat(daemon.isAlive()).isFalse();
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(Files.exists(socket(told[1]).getParent())).as(told[1]).isFalse());
  }
}
