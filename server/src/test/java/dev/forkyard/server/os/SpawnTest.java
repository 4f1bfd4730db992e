package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.os.SpawnException.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpawnTest {
  private final Path directory;
  private final Yard yard;

  SpawnTest(@TempDir Path directory) throws SpawnException {
    this.directory = directory;
    yard = new Yard(directory);
  }

  @AfterEach
  void close() {
    yard.close();
  }

  private SpawnException refusal(SpawnSpec spec) {
    CompletableFuture<Child> answer =
        yard.children.spawn(
            spec,
            exit -> {
              throw new AssertionError("the end of a child that was never started");
            });
    Throwable cause =
        answer
            .handle((child, failure) -> failure)
            .orTimeout(Yard.PATIENCE_SECONDS, TimeUnit.SECONDS)
            .join();
    assertThat(outputFiles()).isEmpty();
    if (cause instanceof SpawnException refused) {
      return refused;
    }
    throw new AssertionError("not refused", cause);
  }

  private SpawnException refusal(String... argv) {
    return refusal(yard.spec(argv));
  }

  private Path file(String name, String content, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static void expect(SpawnException e, Stage stage, String errno) {
    assertThat(e.stage()).as(e.getMessage()).isEqualTo(stage);
    assertThat(e.errnoName()).as(e.getMessage()).isEqualTo(errno);
    assertThat(e).hasMessageEndingWith(".");
  }

  @Test
  void aMissingProgramIsNamed() {
    SpawnException byName = refusal("no-such-program");
    expect(byName, Stage.LOOKUP, "ENOENT");
    assertThat(byName.path()).isEqualTo("no-such-program");
    assertThat(byName).hasMessageContaining("PATH");

    expect(refusal("/no/such/program"), Stage.LOOKUP, "ENOENT");
  }

  @Test
  void aFileThatIsNotExecutableAndADirectoryAreNoPrograms() throws IOException {
    expect(refusal(file("plain", "x", "rw-------").toString()), Stage.LOOKUP, "EACCES");
    expect(refusal(directory.toString()), Stage.LOOKUP, "EACCES");
  }

  @Test
  void aFileOfAnUnknownFormatIsNoProgram() throws IOException {
    expect(refusal(file("garbage", "garbage", "rwx------").toString()), Stage.EXEC, "ENOEXEC");
  }

  @Test
  void aScriptWithoutItsInterpreterIsToldApartFromAMissingProgram() throws IOException {
    Path script = file("script", "#!/no/such/interpreter\n", "rwx------");
    SpawnException e = refusal(script.toString());
    expect(e, Stage.EXEC, "ENOENT");
    assertThat(e).hasMessageContaining("interpreter");
  }

  @Test
  void argumentsThatAreTooLongAreRefused() {
    expect(refusal("/bin/true", "x".repeat(4 << 20)), Stage.ARGUMENTS, "E2BIG");
  }

  @Test
  void aWorkingDirectoryThatCannotBeEnteredIsToldApartFromAMissingProgram() throws IOException {
    String missing = directory.resolve("missing").toString();
    SpawnException e = refusal(yard.spec(List.of("no-such-program"), Map.of(), false, missing));
    expect(e, Stage.WORKING_DIRECTORY, "ENOENT");
    assertThat(e.path()).isEqualTo(missing);

    String file = file("plain", "x", "rwx------").toString();
    expect(
        refusal(yard.spec(List.of("/bin/true"), Map.of(), false, file)),
        Stage.WORKING_DIRECTORY,
        "ENOTDIR");
  }

  @Test
  void whatNoProgramCanBeGivenIsRefused() {
    expect(refusal(), Stage.ARGUMENTS, "EINVAL");
    expect(refusal(""), Stage.ARGUMENTS, "EINVAL");
    expect(refusal("/bin/true", "a\0b"), Stage.ARGUMENTS, "EINVAL");
    expect(
        refusal(yard.spec(List.of("/bin/true"), Map.of("A=B", "c"), false, "")),
        Stage.ARGUMENTS,
        "EINVAL");
    expect(
        refusal(yard.spec(List.of("/bin/true"), Map.of("A", "\0"), false, "")),
        Stage.ARGUMENTS,
        "EINVAL");
  }

  private List<Path> outputFiles() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().startsWith("child.")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anOutputFileThatExistsIsNeverTouchedAndHoldsUpNothing() throws IOException {
    Path taken = Files.writeString(directory.resolve("child.1.out.1"), "precious");
    Yard.Run run = yard.shell("printf lost");
    assertThat(run.exit().code()).hasValue(0);
    assertThat(taken).hasContent("precious");
    assertThat(run.spec().output().stdout().extent().droppedBytes()).isEqualTo(4);
  }

  @Test
  void aSilentChildCostsNoFile() {
    yard.start("/bin/true").exit();
    assertThat(outputFiles()).isEmpty();
  }

  @Test
  void outputFilesArePrivate() throws IOException {
    yard.shell("echo out; echo err >&2").exit();
    assertThat(outputFiles())
        .hasSize(2)
        .allSatisfy(file -> assertThat(Platform.ownership(file).mode()).isEqualTo(0600));
  }

  @Test
  void theProgramIsLookedUpInThePathOfTheChild() throws IOException {
    file("tool", "#!/bin/sh\necho found\n", "rwx------");
    Map<String, String> path = Map.of("PATH", "/nowhere:" + directory);
    Yard.Run run = yard.start(yard.spec(List.of("tool"), path, false, ""));
    run.exit();
    assertThat(run.stdout()).isEqualTo("found\n");

    Yard.Run relative =
        yard.start(yard.spec(List.of("./tool"), Map.of(), false, directory.toString()));
    relative.exit();
    assertThat(relative.stdout()).isEqualTo("found\n");
  }

  @Test
  void aChildLeadsASessionAndAGroupOfItsOwn() throws IOException {
    // fields 5 and 6 of stat: process group and session
    Yard.Run run =
        yard.shell(
            "read -r pid name state parent group session rest < /proc/$$/stat; echo $pid $group $session");
    run.exit();
    int pid = run.child().pid();
    assertThat(run.stdout()).isEqualTo("%d %d %d\n".formatted(pid, pid, pid));
  }

  @Test
  void aChildHasTheStandardDescriptorsOnly() throws IOException {
    Yard.Run run = yard.start("sleep", "1000");
    Path descriptors = Path.of("/proc/" + run.child().pid() + "/fd");
    // the loader has libraries open for a moment; what was inherited would stay
    Awaitility.await()
        .untilAsserted(
            () -> {
              try (Stream<Path> open = Files.list(descriptors)) {
                assertThat(open.map(fd -> fd.getFileName().toString()))
                    .containsExactlyInAnyOrder("0", "1", "2");
              }
            });
    assertThat(descriptors.resolve("0").toRealPath()).isEqualTo(Path.of("/dev/null"));
  }

  @Test
  void aChildHasNoBlockedAndNoIgnoredSignal() throws IOException {
    int ignored = Signal.named("IO").orElseThrow().number();
    long before = LibC.signal(ignored, 1);
    try {
      Yard.Run run = yard.start("sed", "-nE", "s/^Sig(Blk|Ign):\t//p", "/proc/self/status");
      run.exit();
      // the C library ignores 32 and 33, which are its own
      long internal = 0b11L << 31;
      assertThat(run.stdout().lines().map(mask -> Long.parseUnsignedLong(mask, 16) & ~internal))
          .containsExactly(0L, 0L);
    } finally {
      LibC.signal(ignored, before);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChildGetsTheDescriptorLimitThatTheDaemonWasStartedWith(boolean raisedByTheJvm)
      throws IOException, InterruptedException {
    String raise = raisedByTheJvm ? "-XX:+MaxFDLimit" : "-XX:-MaxFDLimit";
    try (DaemonProcess daemon =
        DaemonProcess.start("C", List.of(raise), "limit", directory.resolve("daemon"))) {
      long hard = Sys.descriptorLimit()[1];
      assertThat(daemon.lines())
          .containsExactly("daemon " + hard, "child " + DaemonProcess.DESCRIPTORS + ' ' + hard);
    }
  }

  @Test
  void aStartForWhichDescriptorsDoNotSufficeLeavesNothing() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.start("C", List.of(), "starve", directory.resolve("daemon"))) {
      List<String> lines = daemon.lines();
      assertThat(lines).hasSize(4);
      for (int i = 0; i < 3; i++) {
        // each kind takes a pipe at least, so the first two starts are refused
        assertThat(lines.get(i)).matches("(Pipes|Terminal) refused ([2-9]|1\\d) leaked 0");
      }
      assertThat(lines.get(3)).isEqualTo("living 0");
    }
  }

  @Test
  void theUmaskOfTheDaemonIsNotThatOfTheChildren() throws IOException {
    int before = Platform.umask(077);
    try {
      Yard.Run run = yard.shell("umask");
      run.exit();
      assertThat(Integer.parseInt(run.stdout().strip(), 8)).isEqualTo(before);
    } finally {
      Platform.umask(before);
    }
  }

  @Test
  void theEnvironmentIsSetOnTopOfTheDaemonsOrOfNothing() throws IOException {
    Yard.Run clear = yard.start(yard.spec(List.of("/usr/bin/env"), Map.of("A", "1"), true, ""));
    clear.exit();
    assertThat(clear.stdout().lines())
        .containsExactlyInAnyOrder("A=1", "FORKYARD_YARD=" + yard.marker);

    Yard.Run onTop = yard.start(yard.spec(List.of("/usr/bin/env"), Map.of("A", "1"), false, ""));
    onTop.exit();
    assertThat(onTop.stdout().lines())
        .contains("A=1", "FORKYARD_YARD=" + yard.marker, "PATH=" + System.getenv("PATH"));
  }

  @Test
  void textReachesTheChildAsUtf8WhateverTheLocale() throws IOException, InterruptedException {
    for (String locale : List.of("C", "C.UTF-8")) {
      try (DaemonProcess daemon =
          DaemonProcess.start(locale, List.of(), "text", directory.resolve(locale))) {
        assertThat(daemon.lines())
            .containsExactly("e2 82 ac f0 9f 98 80|c3 a9|2f 67 72 c3 bc 6e|ff");
      }
    }
  }

  @Test
  void aStrangerThatNobodyTakesHidesNoChild() throws Exception {
    PosixSpawn posixSpawn = new PosixSpawn();
    // children of a thread that ends fall to the first one, where the kernel looks in order of age
    int stranger =
        NiceSpawn.spawn(
            posixSpawn,
            new PosixSpawn.Call(
                "/bin/true", List.of("true"), List.of(), "/", PosixSpawn.Streams.NULL_DEVICES),
            1);
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(Yard.PATIENCE_SECONDS))
          .until(() -> !Strangers.alive(stranger));
      ChildAttributes nice =
          new ChildAttributes(OptionalInt.empty(), OptionalLong.empty(), OptionalInt.of(1));
      Yard.Run run = yard.start(yard.spec(nice, Stdio.DEFAULT, "exit 3"));
      assertThat(run.exit().code()).hasValue(3);
      assertThat(ProcFs.stat(stranger)).as("is left to its owner").isPresent();
    } finally {
      new OwnedPid(stranger).reap();
      posixSpawn.close();
    }
  }
}
