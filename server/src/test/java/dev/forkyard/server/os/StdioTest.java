package dev.forkyard.server.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipes and terminals as input and output of children. */
class StdioTest {
  private static final Stdio INPUT = new Stdio.Pipes(true, false);
  private static final Duration PATIENCE = Duration.ofSeconds(Yard.PATIENCE_SECONDS);

  private final Yard yard;
  private final Leftovers before;

  StdioTest(@TempDir Path directory) throws SpawnException {
    yard = new Yard(directory);
    // what is only made when it is first needed
    Child first = yard.start(yard.spec(ChildAttributes.DEFAULT, INPUT, "read x")).child();
    Yard.await(first.groupMembers());
    first.signal(Signal.KILL);
    await().atMost(PATIENCE).until(() -> yard.children.living() == 0);
    before = Leftovers.now();
  }

  @AfterEach
  void nothingIsLeft() {
    await().atMost(PATIENCE).until(() -> yard.children.living() == 0);
    before.awaitNoMore();
    yard.close();
  }

  private Yard.Run start(Stdio stdio, String script) {
    return yard.start(yard.spec(ChildAttributes.DEFAULT, stdio, script));
  }

  private static ChildInput input(Yard.Run run) {
    return Objects.requireNonNull(run.child().input());
  }

  private static void write(Yard.Run run, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThat(input(run).write(bytes, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private static void awaitStdout(Yard.Run run, String text) {
    await().atMost(PATIENCE).until(() -> run.stdout().contains(text));
  }

  @Test
  void withoutAPipeThereIsNoInput() throws IOException {
    Yard.Run run = start(Stdio.DEFAULT, "cat; echo end");
    assertThat(run.child().input()).isNull();
    assertThat(run.child().resize(1, 1)).isFalse();
    run.exit();
    assertThat(run.stdout()).isEqualTo("end\n");
  }

  @Test
  void aPipeBringsWhatIsWrittenAndThenTheEnd() throws IOException {
    Yard.Run run = start(INPUT, "cat; echo end");
    write(run, "one\n");
    awaitStdout(run, "one");
    write(run, "two");
    input(run).close();
    input(run).close();
    assertThat(input(run).write(new byte[1], 0, 1)).isEqualTo(ChildInput.BROKEN);
    assertThat(run.exit().code()).hasValue(0);
    assertThat(run.stdout()).isEqualTo("one\ntwoend\n");
    assertThat(run.child().resize(1, 1)).isFalse();
  }

  @Test
  void aFullPipeTakesNothingAndTellsWhenThereIsRoom() throws Exception {
    Yard.Run run = start(INPUT, "read -r go; wc -c");
    byte[] line = "go\n".getBytes(StandardCharsets.UTF_8);
    run.child().signal(Signal.STOP);
    int written = input(run).write(line, 0, line.length);
    int count = 1;
    while (count > 0) {
      count = input(run).write(new byte[9000], 0, 9000);
      written += Math.max(0, count);
    }
    assertThat(count).isZero();
    assertThat(written).isGreaterThan(32 * 1024);
    CompletableFuture<String> thread = new CompletableFuture<>();
    input(run).onWritable(() -> thread.completeExceptionally(new AssertionError("replaced")));
    input(run).onWritable(() -> thread.complete(Thread.currentThread().getName()));
    assertThat(thread).isNotDone();
    run.child().signal(Signal.named("CONT").orElseThrow());
    assertThat(Yard.await(thread)).isEqualTo("os-output");
    input(run).close();
    run.exit();
    assertThat(run.stdout().strip()).isEqualTo(Integer.toString(written - line.length));
  }

  @Test
  void anInputThatNobodyReadsAnyMoreIsBroken() {
    Yard.Run run = start(INPUT, "exec <&-; echo closed; exec sleep 1000");
    awaitStdout(run, "closed");
    assertThat(input(run).write(new byte[1], 0, 1)).isEqualTo(ChildInput.BROKEN);
    CompletableFuture<Void> told = new CompletableFuture<>();
    input(run).onWritable(() -> told.complete(null));
    Yard.await(told);
    run.child().signal(Signal.KILL);
    run.exit();
  }

  @Test
  void theEndOfTheProcessBreaksItsInputAndTellsWhoWaits() {
    Yard.Run run = start(INPUT, "sleep 1000 & exec sleep 1000");
    while (input(run).write(new byte[4096], 0, 4096) > 0) {
      // until it is full
    }
    CompletableFuture<Void> told = new CompletableFuture<>();
    input(run).onWritable(() -> told.complete(null));
    run.child().signalGroup(Signal.KILL);
    run.exit();
    Yard.await(told);
    assertThat(input(run).write(new byte[1], 0, 1)).isEqualTo(ChildInput.BROKEN);
    CompletableFuture<Void> toldLater = new CompletableFuture<>();
    input(run).onWritable(() -> toldLater.complete(null));
    Yard.await(toldLater);
  }

  @Test
  void mergedOutputKeepsTheOrderOfWriting() throws IOException {
    Yard.Run run =
        start(new Stdio.Pipes(false, true), "echo 1; echo 2 >&2; echo 3; echo 4 > /dev/stderr");
    run.exit();
    assertThat(run.stdout()).isEqualTo("1\n2\n3\n4\n");
    assertThat(run.stderr()).isEmpty();
  }

  @Test
  void aTerminalIsInputAndOutputAndControlsTheSession() throws IOException {
    Yard.Run run =
        start(
            new Stdio.Terminal(31, 117),
            "tty <&0; tty <&1; tty <&2; stty size; echo $TERM; echo err >&2; echo x > /dev/tty");
    assertThat(run.exit().code()).hasValue(0);
    List<String> lines = run.stdout().lines().toList();
    assertThat(lines).hasSize(7);
    assertThat(lines.subList(0, 3)).allMatch(line -> line.matches("/dev/pts/\\d+"));
    String term = Objects.requireNonNullElse(System.getenv("TERM"), "xterm-256color");
    assertThat(lines.subList(3, 7)).isEqualTo(List.of("31 117", term, "err", "x"));
    assertThat(run.stderr()).isEmpty();
  }

  @Test
  void aTerminalTakesInputAndItsEndOfFileCharacter() throws IOException {
    Yard.Run run = start(new Stdio.Terminal(24, 80), "stty -echo; echo ready; cat; echo end");
    awaitStdout(run, "ready");
    write(run, "one\nunfinished");
    input(run).close();
    assertThat(input(run).write(new byte[1], 0, 1)).isEqualTo(ChildInput.BROKEN);
    assertThat(run.exit().code()).hasValue(0);
    assertThat(run.stdout()).isEqualTo("ready\r\none\r\nunfinishedend\r\n");
  }

  @Test
  void theLastBytesOfATerminalAreThereWhenTheEndIsAnnounced() throws IOException {
    Yard.Run run = start(new Stdio.Terminal(24, 80), "stty -opost; seq 1 20000; printf last");
    run.exit();
    String out = run.stdout();
    assertThat(out).startsWith("1\n2\n").endsWith("20000\nlast").hasSize(108_894 + 4);
  }

  @Test
  void aResizeReachesTheProcessAsASignal() {
    Yard.Run run =
        start(
            new Stdio.Terminal(24, 80),
            "trap 'stty size; exit 3' WINCH; echo ready; while :; do sleep 0.05; done");
    awaitStdout(run, "ready");
    assertThat(run.child().resize(50, 132)).isTrue();
    assertThat(run.exit().code()).hasValue(3);
    awaitStdout(run, "50 132");
    assertThat(run.child().resize(1, 1)).isFalse();
  }

  @Test
  void theEndOfTheLeaderHangsTheTerminalUp() {
    Yard.Run run =
        start(
            new Stdio.Terminal(24, 80), "sh -c 'trap \"\" INT; read x; exec sleep 1000' & exit 4");
    assertThat(run.exit().code()).hasValue(4);
  }

  @Test
  void impossibleSizesAreNone() {
    assertThatThrownBy(() -> new Stdio.Terminal(0, 80))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Stdio.Terminal(24, 65_536))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
