package dev.forkyard.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.worker.WorkerRuntime.JavaRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
  private Path directory;
  private Path folder;
  private Archives archives;

  @BeforeEach
  void make(@TempDir Path temporary) throws IOException {
    directory = temporary;
    folder = Files.createDirectory(directory.resolve("kept"));
    archives = new Archives(folder, new Archives.Limits(3, 100));
  }

  private LaunchKey key(String jar, String... flags) throws IOException {
    Path file = directory.resolve(jar);
    if (!Files.exists(file)) {
      Files.writeString(file, jar);
    }
    return Objects.requireNonNull(
        LaunchKey.of(
            new WorkerSpec(
                new JavaRuntime("", List.of(file.toString()), List.of(flags)),
                "",
                Map.of(),
                false)));
  }

  private Archives.Wanted wanted(String jar, String... flags) throws IOException {
    return Objects.requireNonNull(Archives.wanted(key(jar, flags)));
  }

  private void keep(Archives.Wanted wanted, int bytes) throws IOException {
    archives.keep(wanted, Files.write(directory.resolve("made"), new byte[bytes]));
  }

  @Test
  void whatWasKeptIsFoundAgain() throws IOException {
    assertThat(archives.find(wanted("a"))).isNull();
    keep(wanted("a"), 10);
    assertThat(archives.find(wanted("a"))).hasSize(10);
    assertThat(archives.find(wanted("b"))).isNull();
  }

  @Test
  void halfAnArchiveIsNotUsed() throws IOException {
    keep(wanted("a"), 10);
    Files.write(Objects.requireNonNull(archives.find(wanted("a"))), new byte[5]);
    assertThat(archives.find(wanted("a"))).isNull();
  }

  @Test
  void changedJarIsAnotherArchive() throws IOException {
    Archives.Wanted before = wanted("a");
    Files.setLastModifiedTime(directory.resolve("a"), FileTime.fromMillis(1));
    assertThat(wanted("a").name()).isNotEqualTo(before.name());
  }

  @Test
  void onlyFlagsThatMatterMakeAnotherArchive() throws IOException {
    assertThat(wanted("a", "-Xmx100m", "-Dx=y")).isEqualTo(wanted("a"));
    assertThat(wanted("a", "-XX:+UseParallelGC")).isNotEqualTo(wanted("a"));
  }

  @Test
  void flagsThatNobodyKnowsAndDirectoriesGetNone() throws IOException {
    assertThat(Archives.wanted(key("a", "-javaagent:x.jar"))).isNull();
    assertThat(Archives.wanted(key("a", "-Djava.system.class.loader=x"))).isNull();
    WorkerSpec spec =
        new WorkerSpec(
            new JavaRuntime("", List.of(directory.toString()), List.of()), "", Map.of(), false);
    assertThat(LaunchKey.of(spec)).isNull();
  }

  @Test
  void onlyHotSpotOf17OrNewerGetsOne() throws IOException {
    assertThat(kind("JAVA_VERSION=\"17.0.1\"")).isEqualTo(ArchiveKind.CDS);
    assertThat(kind("JVM_VARIANT=\"Hotspot\"\nJAVA_VERSION=\"25\"")).isEqualTo(ArchiveKind.AOT);
    assertThat(kind("JVM_VARIANT=\"Openj9\"\nJAVA_VERSION=\"25\"")).isNull();
    assertThat(kind("JAVA_VERSION=\"11.0.1\"")).isNull();
    assertThat(kind("")).isNull();
  }

  private @Nullable ArchiveKind kind(String release) throws IOException {
    Files.writeString(directory.resolve("release"), release);
    return ArchiveKind.of(directory.toString());
  }

  @Test
  void otherDirectoryAtTheSamePathIsAnotherKindWithTheSameArchive() throws IOException {
    Path place = Files.createDirectory(directory.resolve("place"));
    LaunchKey before = keyIn(place.toString());
    assertThat(keyIn(place.toString())).isEqualTo(before);
    Files.move(place, directory.resolve("moved"));
    assertThat(keyIn(place.toString())).isNull();
    Files.createDirectory(place);
    LaunchKey after = keyIn(place.toString());
    assertThat(after).isNotNull().isNotEqualTo(before);
    assertThat(Archives.wanted(after)).isEqualTo(Archives.wanted(Objects.requireNonNull(before)));
    assertThat(keyIn("/a\0b")).isNull();
  }

  @Test
  void kindThatIsTooLargeToRememberIsNone() throws IOException {
    assertThat(LaunchKey.of(spec("", Map.of("A", "a".repeat(1 << 18))))).isNull();
    assertThat(LaunchKey.of(spec("", Map.of("A", "a".repeat(1 << 17))))).isNotNull();
  }

  private @Nullable LaunchKey keyIn(String place) throws IOException {
    return LaunchKey.of(spec(place, Map.of()));
  }

  private WorkerSpec spec(String place, Map<String, String> environment) throws IOException {
    Path jar = Files.writeString(directory.resolve("a"), "a");
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1));
    JavaRuntime java = new JavaRuntime("", List.of(jar.toString()), List.of());
    return new WorkerSpec(java, place, environment, false);
  }

  @Test
  void theOldestUnusedGoFirst() throws IOException {
    for (String jar : List.of("a", "b", "c")) {
      keep(wanted(jar), 30);
      age(wanted(jar));
    }
    assertThat(archives.find(wanted("a"))).isNotNull();
    keep(wanted("d"), 30);
    assertThat(kept()).isEqualTo(3);
    assertThat(archives.find(wanted("a"))).isNotNull();
    assertThat(archives.find(wanted("d"))).isNotNull();
    age(wanted("a"));
    keep(wanted("e"), 60);
    assertThat(archives.find(wanted("a"))).isNull();
    assertThat(kept()).isEqualTo(2);
  }

  private void age(Archives.Wanted wanted) throws IOException {
    Files.setLastModifiedTime(
        Objects.requireNonNull(archives.find(wanted)), FileTime.fromMillis(1000));
  }

  private long kept() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}
