package dev.forkyard.client.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerClassPathTest {
  private final Path temp;
  private final Path classes;
  private final Path cacheDirectory;

  WorkerClassPathTest(@TempDir Path temp) throws IOException {
    this.temp = temp;
    classes = temp.resolve("classes");
    Files.createDirectories(classes.resolve("com/acme"));
    Files.writeString(classes.resolve("com/acme/A.class"), "a");
    cacheDirectory = temp.resolve("home/.cache/forkyard");
  }

  @Test
  void runtimeComesFirstThenTheEntriesInTheirOrder() throws IOException {
    Path jar = Files.writeString(temp.resolve("lib.jar"), "");

    List<String> jars =
        WorkerClassPath.of(classPath(jar, temp.resolve("no-such-classes"), classes), cache());

    assertThat(jars).hasSize(3);
    try (JarFile first = new JarFile(jars.get(0));
        JarFile packed = new JarFile(jars.get(2))) {
      assertThat(first.getEntry("dev/forkyard/worker/WorkerMain.class")).isNotNull();
      assertThat(packed.stream().map(Object::toString)).containsExactly("com/acme/A.class");
    }
    assertThat(jars.get(1)).isEqualTo(jar.toString());
  }

  @Test
  void workerOfAWorkerHasTheSameClassPath() {
    List<String> jars = WorkerClassPath.of(classes.toString(), cache());

    assertThat(WorkerClassPath.of(String.join(File.pathSeparator, jars), cache())).isEqualTo(jars);
  }

  @Test
  void separatorTooManyDoesNotMeanTheCurrentDirectory() {
    assertThat(WorkerClassPath.of(":" + classes + "::", cache())).hasSize(2);
    assertThat(WorkerClassPath.of(".", cache())).hasSize(2);
  }

  @Test
  void directoryBehindALinkIsPackedWithWhatItsLinksName() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("link"), classes);
    Path more = Files.createDirectories(temp.resolve("more"));
    Files.writeString(more.resolve("B.class"), "b");
    Files.createSymbolicLink(classes.resolve("more"), more);
    Files.createSymbolicLink(classes.resolve("around"), classes);
    Files.createSymbolicLink(classes.resolve("gone"), temp.resolve("nowhere"));

    try (JarFile packed = new JarFile(WorkerClassPath.of(link.toString(), cache()).get(1))) {
      assertThat(packed.stream().map(Object::toString))
          .containsExactly("com/acme/A.class", "more/B.class");
    }
  }

  @Test
  void filesThatVanishWhileTheyArePackedAreLeftOut() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> compiler =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !over.get(); i++) {
                Path part = classes.resolve("part" + i % 2);
                try {
                  Files.createDirectories(part);
                  Files.writeString(part.resolve("B.class"), "b" + i);
                  Files.delete(part.resolve("B.class"));
                  Files.delete(part);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    try {
      for (int i = 0; i < 300; i++) {
        try (JarFile jar = new JarFile(packed())) {
          assertThat(jar.getEntry("com/acme/A.class")).isNotNull();
        }
      }
    } finally {
      over.set(true);
      compiler.join();
    }
  }

  @Test
  void sameContentIsPackedOnce() throws IOException {
    String first = packed();
    Files.setAttribute(Path.of(first), "lastAccessTime", FileTime.fromMillis(1));
    Object key = Files.readAttributes(Path.of(first), "unix:ino").get("ino");
    Files.setLastModifiedTime(classes.resolve("com/acme/A.class"), FileTime.fromMillis(1));

    assertThat(packed()).isEqualTo(first);
    assertThat(Files.readAttributes(Path.of(first), "unix:ino").get("ino")).isEqualTo(key);
    assertThat((FileTime) Files.getAttribute(Path.of(first), "lastAccessTime"))
        .isGreaterThan(FileTime.fromMillis(1));
  }

  @Test
  void otherContentOrNameIsAnotherJar() throws IOException {
    String first = packed();
    Files.writeString(classes.resolve("com/acme/A.class"), "b");
    String changed = packed();
    Files.move(classes.resolve("com/acme/A.class"), classes.resolve("com/acme/B.class"));
    String renamed = packed();

    assertThat(List.of(first, changed, renamed)).doesNotHaveDuplicates().allMatch(this::exists);
  }

  @Test
  void jarThatNobodyUsedForLongGoesWhenAnotherComes() throws IOException {
    String old = packed();
    Files.setAttribute(Path.of(old), "lastAccessTime", FileTime.fromMillis(1));
    Files.writeString(classes.resolve("com/acme/A.class"), "b");

    packed();

    assertThat(exists(old)).isFalse();
  }

  @Test
  void cacheIsPrivateAndHoldsNothingHalfWritten() throws IOException {
    packed();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cacheDirectory)))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(cacheDirectory)) {
      assertThat(files).allMatch(f -> f.toString().endsWith(".jar"));
    }
  }

  @Test
  void cacheThatOthersCanChangeIsRefused() throws IOException {
    Files.createDirectories(cacheDirectory);
    Files.setPosixFilePermissions(cacheDirectory, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(this::cache)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("mode 0700");
  }

  @Test
  void missingJarIsRefusedByItsName() {
    assertUnusable(
        () -> WorkerClassPath.of(classPath(temp.resolve("missing.jar"), classes), cache()),
        "missing.jar is on the class path of this program and does not exist");
  }

  @Test
  void modulePathIsRefusedWithTheWayToStartInstead() {
    WorkerClassPath.refuseModules(null);
    assertUnusable(
        () -> WorkerClassPath.refuseModules("com.acme.shop"), "java -cp 'dir/*' MainClass");
  }

  @Test
  void jarsInsideAJarAreRefusedWithTheWayToUnpackThem() {
    WorkerClassPath.refuseNested("file:/srv/app/lib/sdk.jar");
    assertUnusable(
        () -> WorkerClassPath.refuseNested("jar:nested:/srv/app.jar/!BOOT-INF/lib/sdk.jar!/"),
        "java -Djarmode=tools -jar app.jar extract");
    assertUnusable(
        () -> WorkerClassPath.of("/srv/app.jar!/BOOT-INF/classes", cache()), "jars inside a jar");
  }

  private static void assertUnusable(ThrowingCallable call, String sentence) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> assertThat(StatusDetails.hasReason(refusal, "CLASS_PATH_UNUSABLE")).isTrue())
        .hasMessageContaining(sentence);
  }

  private String packed() {
    return WorkerClassPath.of(classes.toString(), cache()).get(1);
  }

  private JarCache cache() {
    return JarCache.in(cacheDirectory);
  }

  private boolean exists(String jar) {
    return Files.exists(Path.of(jar));
  }

  private static String classPath(Path... entries) {
    return String.join(File.pathSeparator, Stream.of(entries).map(Path::toString).toList());
  }
}
