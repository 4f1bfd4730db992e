package dev.forkyard.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdksTest {
  private final Path here = Path.of(System.getProperty("java.home")).toRealPath();
  private final Path folder;

  JdksTest(@TempDir Path folder) throws IOException {
    this.folder = folder.toRealPath();
  }

  @Test
  void runningJdkIsEnoughWithoutTheUsualFolder() throws Exception {
    assertThat(Jdks.homes(folder.resolve("none"))).containsExactly(here);
  }

  @Test
  void everyJdkThatIsNewEnoughIsNamedOnce() throws Exception {
    Path newer = jdk("a", "25.0.3");
    Files.createSymbolicLink(folder.resolve("b"), newer);
    Files.createSymbolicLink(folder.resolve("c"), here);
    jdk("d", "1.8.0_402");
    jdk("e", "11.0.2");
    Files.createDirectories(folder.resolve("f/bin"));
    Files.writeString(folder.resolve("g"), "no folder", UTF_8);
    assertThat(Jdks.homes(folder)).containsExactly(here, newer);
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "", UTF_8);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n", UTF_8);
    return home;
  }
}
