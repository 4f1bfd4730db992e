package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.testing.Jdks;
import dev.forkyard.server.testing.TestDaemon;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The command {@code ./forkyard}, with a Maven that has packaged everything already. */
class LauncherTest {
  private static final String MAVEN =
      """
      #!/bin/sh
      mkdir -p examples/target
      cp -r jars examples/target/lib
      cp jars/0.jar examples/target/forkyard-examples.jar
      """;

  private Path home;

  @BeforeEach
  void packAll() throws IOException {
    home = Files.createTempDirectory("fy-");
    Files.copy(
        Path.of("../forkyard"), home.resolve("forkyard"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(home.resolve("pom.xml"), "");
    Path maven =
        Files.writeString(Files.createDirectory(home.resolve("bin")).resolve("mvn"), MAVEN);
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    Files.createDirectory(home.resolve("jars"));
    int number = 0;
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      Path jar = home.resolve("jars/" + number + ".jar");
      if (!entry.isEmpty() && Files.isDirectory(path) && !entry.contains("test-classes")) {
        pack(path, jar);
        number++;
      } else if (entry.endsWith(".jar") && !entry.contains("slf4j")) {
        Files.copy(path, jar);
        number++;
      }
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      Files.walkFileTree(
          classes,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes facts)
                throws IOException {
              zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
              Files.copy(file, zip);
              return FileVisitResult.CONTINUE;
            }
          });
    }
  }

  @AfterEach
  void delete() throws IOException {
    TestDaemon.delete(home);
  }

  @Test
  void daemonUsesTheArchiveOfTheBuild() throws Exception {
    assertThat(mapsOfDaemon(Jdks.running())).contains("forkyard.jsa");
  }

  @Test
  void archiveOfAnotherJavaOrSpoiledOrNoneChangesNothing() throws Exception {
    Path archive = home.resolve("target/forkyard.jsa");
    mapsOfDaemon(Jdks.running());
    mapsOfDaemon(Jdks.newer());
    assertThat(archive.toFile().setWritable(true)).isTrue();
    Files.write(archive, new byte[10_000]);
    mapsOfDaemon(Jdks.running());
    Files.delete(archive);
    assertThat(mapsOfDaemon(Jdks.running())).doesNotContain("forkyard.jsa");
  }

  /** What a daemon has mapped that serves, and that says nothing else. */
  private String mapsOfDaemon(Path java) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
            home.resolve("forkyard").toString(),
            "daemon",
            "--socket",
            home.resolve("s").toString(),
            "--state-dir",
            home.resolve("state").toString(),
            "--until-stdin-closes");
    Map<String, String> environment = command.environment();
    environment.put("JAVA_HOME", java.toString());
    environment.put("PATH", home.resolve("bin") + ":" + environment.get("PATH"));
    Process daemon = command.redirectError(home.resolve("log").toFile()).start();
    String maps;
    try (BufferedReader output = daemon.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine())
          .as("log: %s", Files.readString(home.resolve("log")))
          .isEqualTo("forkyard: ready at unix:" + home.resolve("s"));
      maps = Files.readString(Path.of("/proc", Long.toString(daemon.pid()), "maps"));
      daemon.getOutputStream().close();
      assertThat(output.readLine()).isNull();
    }
    assertThat(daemon.waitFor()).isZero();
    assertThat(Files.readString(home.resolve("log")))
        .doesNotContain("rchive")
        .doesNotContainIgnoringCase("warning");
    return maps;
  }
}
