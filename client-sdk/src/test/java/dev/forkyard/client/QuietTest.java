package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuietTest {
  private final Path dir;

  QuietTest(@TempDir Path dir) {
    this.dir = dir;
  }

  /** A client as a user would write it, started without any flag. */
  static final class Client {
    private Client() {}

    public static void main(String[] args) {
      try (Forkyard yard = Forkyard.connect(args[0]);
          ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
        System.out.println(pool.map(ProcessPoolTest::square, List.of(3)));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.forkyard.worker.Jdks#homes")
  void clientPrintsNothingButItsOwnOutputWithoutAnyFlag(Path javaHome) throws Exception {
    FakeDaemon daemon = new FakeDaemon(new FakeSession(), new FakePool(1));
    Path out = dir.resolve("out");
    try {
      Process client =
          new ProcessBuilder(
                  javaHome.resolve("bin/java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Client.class.getName(),
                  daemon.address())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      client.waitFor();
    } finally {
      daemon.close();
    }
    assertThat(Files.readString(out, StandardCharsets.UTF_8)).isEqualTo("[9]\n");
  }
}
