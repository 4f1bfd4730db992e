package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.v1.Failure;
import dev.forkyard.v1.FailureKind;
import dev.forkyard.v1.PoolInfo;
import dev.forkyard.v1.PoolState;
import dev.forkyard.v1.WorkerInfo;
import dev.forkyard.v1.WorkerState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolWatchTest {
  private PoolYard pools;

  @BeforeEach
  void connect() throws IOException {
    pools = new PoolYard(1);
  }

  @AfterEach
  void disconnect() throws Exception {
    pools.close();
  }

  private static PoolInfo state(long done) {
    return PoolInfo.newBuilder()
        .setPoolId("pool")
        .setState(PoolState.POOL_STATE_CLOSING)
        .setCallsDone(done)
        .setCallsFailed(1)
        .setCallsQueued(5)
        .setCallsAssigned(2)
        .setCallsPerSecond(2.5)
        .setFailure(Failure.newBuilder().setKind(FailureKind.FAILURE_KIND_POOL_FAILED))
        .addWorkers(
            WorkerInfo.newBuilder()
                .setState(WorkerState.WORKER_STATE_LEAVING)
                .setBusyTime(
                    com.google.protobuf.Duration.newBuilder().setSeconds(1).setNanos(500_000_000))
                .setRssBytes(1 << 20))
        .build();
  }

  @Test
  void watchTellsEveryStateUntilThePoolHasEnded() throws Exception {
    pools.fake.watched.addAll(List.of(state(3), state(7)));
    try (PoolWatch watch = pools.pool().watch(Duration.ofMillis(200))) {
      PoolStats first = watch.next();
      assertThat(first.done()).isEqualTo(3);
      assertThat(first.state()).isEqualTo(PoolStats.State.CLOSING);
      assertThat(first.callsPerSecond()).isEqualTo(2.5);
      assertThat(first.failure().orElseThrow().kind())
          .isEqualTo(TaskFailedException.Kind.POOL_FAILED);
      PoolStats.Worker worker = first.workers().get(0);
      assertThat(worker.state()).isEqualTo(PoolStats.WorkerState.LEAVING);
      assertThat(worker.busyTime()).isEqualTo(Duration.ofMillis(1_500));
      assertThat(worker.rssBytes()).isEqualTo(1 << 20);
      assertThat(watch.next(Duration.ofSeconds(20)).orElseThrow().done()).isEqualTo(7);
      assertThatThrownBy(watch::next).isInstanceOf(NoSuchElementException.class);
      assertThatThrownBy(() -> watch.next(Duration.ZERO))
          .isInstanceOf(NoSuchElementException.class);
    }
    assertThat(pools.fake.operations).contains("watch PT0.2S");
  }

  @Test
  void intervalThatMakesNoSenseIsRefusedAtOnce() {
    ProcessPool pool = pools.pool();
    for (Duration interval :
        List.of(Duration.ZERO, Duration.ofMillis(99), Duration.ofMinutes(61))) {
      assertThatThrownBy(() -> pool.watch(interval))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("100 milliseconds to 1 hour");
    }
  }

  @Test
  void noteCountsFromTheStartAndNoMoreRunningCallsThanWorkers() {
    AtomicLong nanos = new AtomicLong();
    ProgressNote note = new ProgressNote(PoolStats.of(state(10)), nanos::get);
    assertThat(note.of(PoolStats.of(state(10)))).isEqualTo("1 running, 6 queued, 0 failed, 0.0/s");
    nanos.set(Duration.ofSeconds(4).toNanos());
    PoolInfo later = state(19).toBuilder().setCallsFailed(2).setCallsAssigned(0).build();
    assertThat(note.ended(PoolStats.of(later))).isEqualTo(10);
    assertThat(note.of(PoolStats.of(later))).isEqualTo("0 running, 5 queued, 1 failed, 2.5/s");
    nanos.set(Duration.ofSeconds(40).toNanos());
    assertThat(note.of(PoolStats.of(later))).endsWith(" 2.5/s");
  }

  @Test
  void fullBarIsDrawnOnce() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    ProcessPool pool = pools.pool();
    pools.fake.info = state(10);
    PoolProgressBar bar = pool.progressBar("counting", 20, lines::add);
    pools.fake.info = state(30);
    bar.close();
    assertThat(lines).filteredOn(line -> line.contains("100%")).hasSize(1);
    List<String> given = new ArrayList<>();
    Consumer<String> screen = DrawnBar.fullOnce(given::add);
    List.of(" 99% a", "100% b", "100% c", " 98% d", "100% e").forEach(screen);
    assertThat(given).containsExactly(" 99% a", "100% b", " 98% d", "100% e");
  }

  @Test
  void barGrowsWithTheCallsThatEndWhileItIsShown() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    ProcessPool pool = pools.pool();
    pools.fake.info = state(10);
    PoolProgressBar bar = pool.progressBar("counting", 20, lines::add);
    pools.fake.info = state(20);
    bar.close();
    assertThat(lines.get(lines.size() - 1))
        .startsWith("counting")
        .contains("10/20", "1 running, 6 queued, 0 failed");
  }
}
