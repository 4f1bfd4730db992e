package dev.forkyard.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What shell workers speak through: grpcurl or, where there is none, the buf with which the build
 * checks the protos.
 */
public final class ShellTools {
  /** The folder of the project. */
  public static final Path HOME =
      Path.of(System.getProperty("maven.basedir", "."), "..").toAbsolutePath().normalize();

  /** The PATH on which one of them is found. */
  public static final String PATH =
      HOME.resolve("proto/target/tools/node_modules/.bin") + ":" + System.getenv("PATH");

  private ShellTools() {}

  /** Goes on where there is one of them; CI demands that there is. */
  public static void require() {
    boolean hasTool =
        Stream.of(PATH.split(":", -1))
            .flatMap(folder -> Stream.of(Path.of(folder, "grpcurl"), Path.of(folder, "buf")))
            .anyMatch(Files::isExecutable);
    assumeTrue(hasTool || System.getenv("CI") != null, "neither grpcurl nor buf is here");
    assertThat(hasTool).as("grpcurl or buf in %s", PATH).isTrue();
  }
}
