package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.v1.ProcessExit;
import dev.forkyard.v1.SpawnError;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagedProcessTest {
  private static final ProcessSpec SPEC = ProcessSpec.of("sleep", "600");
  private final FakeProcesses fake = new FakeProcesses();
  private FakeDaemon daemon;
  private Forkyard yard;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(new FakeSession(), fake);
    yard = Forkyard.connect(daemon.address());
  }

  @AfterEach
  void disconnect() throws Exception {
    yard.close();
    daemon.close();
  }

  private static void assertOnThreadOfTheSdk(CompletableFuture<?> future) throws Exception {
    String name = future.thenApply(x -> Thread.currentThread().getName()).get();
    // what is attached to a future that is complete runs on the thread that attaches it
    assertThat(name).matches("forkyard-callback-\\d+|" + Thread.currentThread().getName());
  }

  @Test
  void startIsRepeatedUnderTheSameNameWhenTheConnectionBreaks() {
    fake.brokenStarts.set(1);
    assertThat(yard.processes().start(SPEC).id()).isEqualTo("p");
    assertThat(fake.starts).hasSize(2);
    assertThat(fake.starts.get(0)).isEqualTo(fake.starts.get(1));
    assertThat(fake.starts.get(0).getRequestId()).isNotEmpty();
    yard.processes().start(SPEC);
    assertThat(fake.starts.get(2).getRequestId()).isNotEqualTo(fake.starts.get(0).getRequestId());
  }

  @Test
  void startIsNotRepeatedWhenItIsRefusedOrStaysBroken() {
    assertThatThrownBy(() -> yard.processes().start(ProcessSpec.of("ech")))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("PROGRAM_NOT_FOUND"));
    assertThat(fake.starts).hasSize(1);
    fake.brokenStarts.set(100);
    assertThatThrownBy(() -> yard.processes().start(SPEC))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("CONNECTION_LOST"));
    assertThat(fake.starts).hasSize(22);
  }

  @Test
  void callsThatAreAnsweredAtOnceAreMadeOnAnInterruptedThread() {
    Thread.currentThread().interrupt();
    ManagedProcess process = yard.processes().start(SPEC);
    assertThat(process.isAlive()).isTrue();
    process.terminate();
    assertThat(yard.processes().list()).hasSize(1);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(fake.signals).extracting("signal").containsExactly("TERM");
  }

  @Test
  void stopTellsHowItEndedAndWhoIsLeft() throws Exception {
    ManagedProcess process = yard.processes().start(SPEC);
    StopResult stopped = process.stop();
    assertThat(stopped.exit().signal()).hasValue("TERM");
    assertThat(stopped.survivorPids()).containsExactly(77);
    assertThat(process.stop(Duration.ofSeconds(3)).survivorPids()).containsExactly(77);
    assertThat(process.stopAsync().get()).isEqualTo(stopped);
    assertThat(process.stopAsync(Duration.ZERO).get()).isEqualTo(stopped);
    assertThat(fake.stops.get(0).hasGrace()).isFalse();
    assertThat(fake.stops.get(1).getGrace().getSeconds()).isEqualTo(3);
    assertThat(fake.stops.get(2).hasGrace()).isFalse();
    assertThat(fake.stops.get(3).hasGrace()).isTrue();
  }

  @Test
  void restartTellsTheNewRunAndItsPid() throws Exception {
    ManagedProcess process = yard.processes().start(SPEC);
    assertThat(process.pid()).isEqualTo(11);
    assertThat(process.restart().run()).isEqualTo(2);
    assertThat(process.pid()).isEqualTo(12);
    assertThat(process.restartAsync().get().pid()).isEqualTo(12);
  }

  @Test
  void futuresCompleteOnThreadsOfTheSdk() throws Exception {
    CompletableFuture<ManagedProcess> started = yard.processes().startAsync(SPEC);
    assertOnThreadOfTheSdk(started);
    CompletableFuture<ExitStatus> exit = started.get().onExit();
    CompletableFuture<String> thread = exit.thenApply(x -> Thread.currentThread().getName());
    fake.exit(ProcessExit.newBuilder().setCode(3).build());
    assertThat(thread.get()).startsWith("forkyard-callback-");
    assertThat(exit.get().code()).hasValue(3);
  }

  @Test
  void cancelledFutureLeavesTheOthersWaiting() throws Exception {
    ManagedProcess process = yard.processes().start(SPEC);
    CompletableFuture<ExitStatus> cancelled = process.onExit();
    CompletableFuture<ExitStatus> kept = process.onExit();
    assertThat(cancelled.cancel(true)).isTrue();
    fake.exit(ProcessExit.newBuilder().setCode(0).build());
    assertThat(kept.get().success()).isTrue();
    assertThat(cancelled).isCancelled();
  }

  @Test
  void runThatCouldNotBeStartedTellsWhy() throws Exception {
    ManagedProcess process = yard.processes().start(SPEC);
    fake.exit(
        ProcessExit.newBuilder()
            .setRun(2)
            .setSpawnError(
                SpawnError.newBuilder()
                    .setErrno(2)
                    .setErrnoName("ENOENT")
                    .setStage("LOOKUP")
                    .setMessage("There is no program sleep."))
            .build());
    ExitStatus exit = process.join();
    assertThat(exit.run()).isEqualTo(2);
    assertThat(exit.code()).isEmpty();
    assertThat(exit.signal()).isEmpty();
    assertThat(exit.spawnFailure().orElseThrow().errnoName()).isEqualTo("ENOENT");
    assertThat(exit.spawnFailure().orElseThrow().path()).isEmpty();
    assertThat(exit).hasToString("not started: There is no program sleep.");
    assertThat(process.asProcess().exitValue()).isEqualTo(127);
  }

  @Test
  void signalsOfTheJdksViewAreTheirNumbersAnd128() {
    ManagedProcess process = yard.processes().start(SPEC);
    fake.exit(ProcessExit.newBuilder().setSignal("KILL").build());
    assertThat(process.asProcess().exitValue()).isEqualTo(137);
    fake.exit(ProcessExit.newBuilder().setSignal("SYS").build());
    assertThat(process.asProcess().exitValue()).isEqualTo(159);
    fake.exit(ProcessExit.newBuilder().setSignal("RTMIN").build());
    assertThat(process.asProcess().exitValue()).isEqualTo(162);
    fake.exit(ProcessExit.newBuilder().setSignal("RTMIN+3").build());
    assertThat(process.asProcess().exitValue()).isEqualTo(165);
  }

  @Test
  void processesAreListedByTheirLabels() {
    assertThat(yard.processes().list(Map.of("app", "shop")))
        .extracting(ProcessSnapshot::id)
        .containsExactly("p");
    assertThat(fake.lists.get(0).getLabelsMap()).containsExactly(Map.entry("app", "shop"));
  }
}
