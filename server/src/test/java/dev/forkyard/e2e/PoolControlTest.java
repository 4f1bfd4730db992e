package dev.forkyard.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Args;
import dev.forkyard.client.ExitCause;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.PoolResults;
import dev.forkyard.client.PoolStats;
import dev.forkyard.client.PoolWatch;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.TaskFailedException;
import dev.forkyard.client.TaskFailedException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user of a pool has beyond {@code multiprocessing}: cancel, limits of time, size, sight.
 */
@Timeout(120)
class PoolControlTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  private static void awaitFile(Path file) {
    await().atMost(LONG).until(() -> Files.exists(file));
  }

  private static ManagedProcess onlyWorkerOf(ProcessPool pool) {
    await().atMost(LONG).until(() -> pool.stats().workers().size() == 1);
    return yard.processes().get(pool.stats().workers().get(0).processId());
  }

  private static void assertKind(PoolFuture<?> future, Kind kind) throws Exception {
    assertThat(future.await(LONG)).isTrue();
    assertThat(future.failure().orElseThrow())
        .isInstanceOfSatisfying(
            TaskFailedException.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  @Test
  void whoMakesMoreCallsThanAFullPoolTakesWaitsUntilThereIsRoomOrIsInterrupted(@TempDir Path dir)
      throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1).maxQueued(5))) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      awaitFile(dir.resolve("begun"));
      List<PoolFuture<Integer>> made = Collections.synchronizedList(new ArrayList<>());
      FutureTask<Boolean> patient = new FutureTask<>(() -> made.addAll(squares(pool, 50, made)));
      Thread caller = new Thread(patient);
      caller.start();
      await().atMost(LONG).until(() -> caller.getState() == Thread.State.TIMED_WAITING);
      assertThat(made).hasSize(5 + 16 - 1);
      FutureTask<Boolean> impatient = new FutureTask<>(() -> squares(pool, 1, made).isEmpty());
      Thread interrupted = new Thread(impatient);
      interrupted.start();
      interrupted.interrupt();
      assertThatThrownBy(impatient::get).hasCauseInstanceOf(InterruptedException.class);
      Files.createFile(dir.resolve("end"));
      assertThat(running.get(LONG)).isEqualTo(42);
      patient.get();
      assertThat(made).hasSize(50);
      assertThat(made.get(49).get(LONG)).isEqualTo(49 * 49);
    }
  }

  private static List<PoolFuture<Integer>> squares(
      ProcessPool pool, int count, List<PoolFuture<Integer>> made) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      made.add(pool.applyAsync(Tasks::square, i));
    }
    return List.of();
  }

  @Test
  void whatAFunctionPrintsIsReadFromTheProcessOfItsWorker() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      pool.apply(PoolTasks::print, "hello from a worker");
      ManagedProcess worker = onlyWorkerOf(pool);
      await().atMost(LONG).until(() -> worker.stdout().tail(100).contains("hello from a worker"));
    }
  }

  @Test
  void queuedCallThatIsCancelledNeverRuns(@TempDir Path dir) throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      PoolFuture<Integer> queued = pool.applyAsync(PoolTasks::touch, dir.resolve("run").toString());
      awaitFile(dir.resolve("begun"));
      assertThat(queued.cancel(true)).isTrue();
      assertKind(queued, Kind.CANCELLED);
      Files.createFile(dir.resolve("end"));
      assertThat(running.get(LONG)).isEqualTo(42);
      assertThat(pool.apply(Tasks::square, 3)).isEqualTo(9);
      assertThat(dir.resolve("run")).doesNotExist();
    }
  }

  @Test
  void runningCallThatIsCancelledIsInterruptedAndItsWorkerGoesOn(@TempDir Path dir)
      throws Exception {
    try (ProcessPool pool =
        yard.pools().create(PoolOptions.defaults().workers(1).cancelGrace(LONG))) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      awaitFile(dir.resolve("begun"));
      int pid = onlyWorkerOf(pool).pid();
      running.cancel(true);
      assertKind(running, Kind.CANCELLED);
      assertThat(pool.apply(Tasks::pid)).isEqualTo(pid);
    }
  }

  @Test
  void runningCallThatIsCancelledWithoutInterruptEndsByItself(@TempDir Path dir) throws Exception {
    try (ProcessPool pool =
        yard.pools().create(PoolOptions.defaults().workers(1).cancelGrace(SHORT))) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      PoolFuture<Long> next = pool.applyAsync(Tasks::pid);
      awaitFile(dir.resolve("begun"));
      int pid = onlyWorkerOf(pool).pid();
      running.cancel(false);
      assertKind(running, Kind.CANCELLED);
      assertThat(next.await(SHORT.multipliedBy(4))).isFalse();
      Files.createFile(dir.resolve("end"));
      assertThat(next.get(LONG)).isEqualTo(pid);
    }
  }

  @Test
  void runningCallThatIgnoresItsCancelCostsItsWorkerAndNoOtherCall(@TempDir Path dir)
      throws Exception {
    try (ProcessPool pool =
        yard.pools().create(PoolOptions.defaults().workers(1).cancelGrace(SHORT))) {
      PoolFuture<Integer> stubborn =
          pool.applyAsync(PoolTasks::announceAndIgnoreInterrupts, dir.toString());
      PoolFuture<List<Integer>> behind = pool.mapAsync(Tasks::square, List.of(1, 2, 3), 3);
      awaitFile(dir.resolve("begun"));
      ManagedProcess worker = onlyWorkerOf(pool);
      stubborn.cancel(true);
      assertKind(stubborn, Kind.CANCELLED);
      assertThat(behind.get(LONG)).containsExactly(1, 4, 9);
      assertThat(worker.join(LONG).cause()).isEqualTo(ExitCause.CALL_CANCELLED);
      assertThat(pool.stats().workers()).hasSize(1);
    }
  }

  @Test
  void closedResultsGiveUpWhatRuns(@TempDir Path dir) throws Exception {
    try (ProcessPool pool =
        yard.pools().create(PoolOptions.defaults().workers(1).cancelGrace(SHORT))) {
      PoolResults<Integer> results = pool.imap(PoolTasks::announceAndWait, List.of(dir.toString()));
      assertThatThrownBy(() -> results.next(SHORT))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      awaitFile(dir.resolve("begun"));
      results.close();
      assertThat(pool.apply(Tasks::square, 3)).isEqualTo(9);
    }
  }

  @Test
  void callThatTakesTooLongFailsAsTimeoutWhetherItCanBeInterruptedOrNot(@TempDir Path dir)
      throws Exception {
    String never = dir.resolve("never").toString();
    PoolOptions options = PoolOptions.defaults().workers(1).callTimeout(SHORT).cancelGrace(SHORT);
    try (ProcessPool pool = yard.pools().create(options)) {
      assertKind(pool.applyAsync(PoolTasks::waitFor, never), Kind.TIMEOUT);
      assertKind(pool.applyAsync(PoolTasks::ignoreInterrupts, never), Kind.TIMEOUT);
    }
  }

  @Test
  void restOfTheChunkOfACallThatTookTooLongIsRun(@TempDir Path dir) throws Exception {
    List<Args.Two<String, String>> calls =
        List.of(
            Args.of(dir.toString(), "first"),
            Args.of(dir.toString(), "never"),
            Args.of(dir.toString(), "last"));
    PoolOptions options = PoolOptions.defaults().workers(1).callTimeout(Duration.ofSeconds(2));
    try (ProcessPool pool = yard.pools().create(options)) {
      assertKind(pool.starmapAsync(PoolTasks::touchUnlessNever, calls, 3), Kind.TIMEOUT);
      assertThat(dir.resolve("first")).exists();
      assertThat(dir.resolve("last")).exists();
    }
  }

  @Test
  void poolGrowsAndShrinksWhileItWorks() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
      pool.resize(3);
      await().atMost(LONG).until(() -> pool.stats().workers().size() == 3);
      PoolFuture<List<Integer>> squares =
          pool.mapAsync(Tasks::square, IntStream.range(0, 1_000).boxed().toList(), 1);
      pool.resize(1);
      assertThat(squares.get(LONG)).hasSize(1_000).endsWith(999 * 999);
      await().atMost(LONG).until(() -> pool.stats().workers().size() == 1);
      assertThat(pool.stats().workersLost()).isZero();
    }
  }

  @Test
  void watchTellsHowFarThePoolIsAndWhatEachWorkerHasDone(@TempDir Path dir) throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1));
        PoolWatch watch = pool.watch(Duration.ofMillis(100))) {
      PoolFuture<Integer> running = pool.applyAsync(PoolTasks::announceAndWait, dir.toString());
      PoolFuture<List<Integer>> waiting =
          pool.mapAsync(Tasks::squareUnlessNegative, List.of(1, -2, 3), 1);
      PoolStats busy = watch.next();
      while (busy.assigned() == 0 || busy.queued() + busy.assigned() < 4) {
        busy = watch.next();
      }
      Files.createFile(dir.resolve("end"));
      assertThat(running.get(LONG)).isEqualTo(42);
      assertThat(waiting.await(LONG)).isTrue();
      PoolStats done = watch.next();
      while (done.done() < 3 || done.failed() < 1 || done.workers().get(0).callsDone() < 4) {
        done = watch.next();
      }
      assertThat(done.queued() + done.assigned()).isZero();
      PoolStats.Worker worker = done.workers().get(0);
      assertThat(worker.busyTime()).isPositive();
      assertThat(worker.rssBytes()).isPositive();
      assertThat(worker.pid()).isEqualTo(onlyWorkerOf(pool).pid());
    }
  }

  @Test
  void workersHaveTheEnvironmentFlagsAndDirectoryThatWereAskedFor(@TempDir Path dir)
      throws Exception {
    Path real = dir.toRealPath();
    PoolOptions options =
        PoolOptions.defaults().workers(1).env("COLOUR", "blue").jvmFlags("-Dshape=round").cwd(real);
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThat(pool.apply(PoolTasks::surroundings))
          .containsExactly("blue", "round", real.toString());
    }
  }

  @Test
  void poolsAreFoundByTheirLabels() {
    PoolOptions options =
        PoolOptions.defaults().workers(1).label("team", "red").label("stage", "test");
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThat(pool.stats().labels()).isEqualTo(Map.of("team", "red", "stage", "test"));
      assertThat(yard.pools().list(Map.of("team", "red")))
          .extracting(PoolStats::id)
          .containsExactly(pool.id());
      assertThat(yard.pools().list(Map.of("team", "blue"))).isEmpty();
    }
  }
}
