package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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
          ProcessPool pool = yard.pools().create(PoolOptions.workers(2))) {
        System.out.println(pool.map(ProcessPoolTest::square, List.of(3)));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static Stream<Path> javas() throws Exception {
    Path here = Path.of(System.getProperty("java.home"));
    try (Stream<Path> siblings = Files.list(here.resolveSibling("."))) {
      return Stream.concat(
          Stream.of(here), siblings.filter(Files::isDirectory).sorted().toList().stream())
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("javas")
  void clientPrintsNothingButItsOwnOutputWithoutAnyFlag(Path java) throws Exception {
    FakeDaemon daemon = new FakeDaemon(new FakeSession(), new FakePool(false));
    Path out = dir.resolve("out");
    try {
      Process client =
          new ProcessBuilder(
                  java.toString(),
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
