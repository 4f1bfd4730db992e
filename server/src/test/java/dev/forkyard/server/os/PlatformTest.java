package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformTest {
  @Test
  void thisMachineWillDo() {
    assertThat(Platform.check()).isEmpty();
  }

  @Test
  void theFloorIsLinux53AndGlibc234() {
    assertThat(Platform.check("Linux", "amd64", "5.3.0-1", "2.34")).isEmpty();
    assertThat(Platform.check("Linux", "aarch64", "6.18.44-fc", "2.41")).isEmpty();
    assertThat(Platform.check("Linux", "amd64", "5.2.21", "2.36")).get().asString().contains("5.3");
    assertThat(Platform.check("Linux", "amd64", "6.1", "2.33")).get().asString().contains("2.34");
    assertThat(Platform.check("Linux", "amd64", "6.1", "")).get().asString().contains("another C");
    assertThat(Platform.check("Linux", "arm", "6.1", "2.36")).get().asString().contains("arm");
    assertThat(Platform.check("Mac OS X", "aarch64", "23", "")).get().asString().contains("Linux");
  }

  @Test
  void ownershipIsThatOfALinkItself(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);

    assertThat(Platform.ownership(file))
        .isEqualTo(new Platform.Ownership(Platform.effectiveUid(), 0640, false, false));
    assertThat(Platform.ownership(link).symbolicLink()).isTrue();
    assertThat(Platform.ownership(link).mode()).isEqualTo(0777);
  }
}
