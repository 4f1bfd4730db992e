package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertFails;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.ExitCause;
import dev.forkyard.client.ExitStatus;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.Lease;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.TaskFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SdkTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static Forkyard yard;

  @BeforeAll
  static void start() {
    yard = Forkyard.startLocal();
  }

  @AfterAll
  static void stop() {
    yard.close();
  }

  @Test
  void functionReturnsItsResultAndItsOutputIsKept() throws Exception {
    FunctionProcess<String> process = yard.processes().start(Tasks::greet, "kel");
    assertThat(process.join(LONG).success()).isTrue();
    assertThat(process.result()).isEqualTo("hello kel");
    assertThat(process.stdout().readAll()).isEqualTo("greeting kel\n");
  }

  @Test
  void functionsOfSeveralArgumentsAndNone() throws Exception {
    assertThat(yard.processes().start(Tasks::add, 3, 4).result()).isEqualTo(7);
    FunctionProcess<Long> pid = yard.processes().start(Tasks::pid);
    assertThat(pid.result()).isEqualTo(pid.pid());
  }

  @Test
  void functionThatThrowsTellsTypeMessageStackAndCauses() {
    assertThatThrownBy(() -> yard.processes().start(Tasks::refuse, "no").result())
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.TASK_ERROR);
              assertThat(failure.remoteType()).isEqualTo("java.lang.IllegalStateException");
              assertThat(failure.remoteMessage()).isEqualTo("no");
              assertThat(failure.remoteStack()).contains("Tasks.refuse", "Caused by");
              assertThat(failure.causes().get(0).message()).isEqualTo("because");
            })
        .cause()
        .hasMessageEndingWith(": java.lang.IllegalStateException: no")
        .hasStackTraceContaining("RemoteStack: java.lang.")
        .satisfies(
            stack -> assertThat(stack.getStackTrace()[0].getMethodName()).isEqualTo("refuse"));
  }

  @Test
  void functionThatHaltsIsALostWorkerWithItsExit() {
    assertThatThrownBy(() -> yard.processes().start(Tasks::halt, 3).result(LONG))
        .isInstanceOfSatisfying(
            TaskFailedException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.WORKER_LOST);
              assertThat(failure.workerExit()).contains("exit code 3");
              assertThat(failure.stderrTail()).contains("halting with 3");
            });
  }

  @Test
  void capturingLambdaIsRefusedAtOnce() {
    String captured = yard.address();
    assertThatThrownBy(() -> yard.processes().start(name -> name + captured, "kel"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void exitCode137IsToldApartFromSigkill() throws Exception {
    ExitStatus exited = yard.processes().start(ProcessSpec.of("sh", "-c", "exit 137")).join();
    assertThat(exited.code()).hasValue(137);
    assertThat(exited.signal()).isEmpty();
    ManagedProcess sleeper = yard.processes().start(ProcessSpec.of("sleep", "600"));
    sleeper.kill();
    ExitStatus killed = sleeper.join();
    assertThat(killed.code()).isEmpty();
    assertThat(killed.signal()).hasValue("KILL");
    assertThat(killed.cause()).isEqualTo(ExitCause.STOP_REQUESTED);
  }

  @Test
  void commandGetsTheCallersEnvironmentAndDirectory(@TempDir Path dir) throws Exception {
    ManagedProcess process =
        yard.processes()
            .start(
                ProcessSpec.of("sh", "-c", "pwd; echo $HOME $EXTRA; echo oops >&2; exit 3")
                    .cwd(dir)
                    .env("EXTRA", "für"));
    assertThat(process.join().code()).hasValue(3);
    assertThat(process.stdout().readAll())
        .isEqualTo(dir.toRealPath() + "\n" + System.getenv("HOME") + " für\n");
    assertThat(process.stderr().readAll()).isEqualTo("oops\n");
    ManagedProcess here = yard.processes().start(ProcessSpec.of("pwd"));
    here.join();
    assertThat(here.stdout().readAll()).isEqualTo(System.getProperty("user.dir") + "\n");
    ManagedProcess bare = yard.processes().start(ProcessSpec.of("/usr/bin/env").clearEnv());
    bare.join();
    assertThat(bare.stdout().readAll()).doesNotContain("HOME=");
  }

  @Test
  void joinTellsATimeoutFromAnExitAndStopEndsTheProcess() throws Exception {
    ManagedProcess sleeper = yard.processes().start(ProcessSpec.of("sleep", "600").id("sleeper"));
    assertThatThrownBy(() -> sleeper.join(Duration.ZERO)).isInstanceOf(TimeoutException.class);
    assertThat(sleeper.isAlive()).isTrue();
    assertThat(yard.processes().get("sleeper").pid()).isEqualTo(sleeper.pid());
    var later = sleeper.onExit();
    assertThat(sleeper.stop(LONG).exit().signal()).hasValue("TERM");
    assertThat(later.get().signal()).hasValue("TERM");
    assertThat(sleeper.exitStatus()).isPresent();
    assertThat(yard.processes().list()).anyMatch(process -> process.id().equals("sleeper"));
    sleeper.delete();
    assertRefused("PROCESS_NOT_FOUND", () -> yard.processes().get("sleeper"));
  }

  @Test
  void badRequestsAreRefusedWithTheirReason() {
    assertRefused(
        "PROGRAM_NOT_FOUND", () -> yard.processes().start(ProcessSpec.of("no-such-program")));
    assertRefused(
        "BAD_WORKING_DIRECTORY",
        () -> yard.processes().start(ProcessSpec.of("true").cwd(Path.of("/no/such/dir"))));
    assertRefused("PROCESS_NOT_FOUND", () -> yard.processes().get("nobody"));
    assertThatThrownBy(() -> yard.processes().start(ProcessSpec.of()))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal ->
                assertThat(refusal.code()).isEqualTo(ForkyardException.Code.INVALID_ARGUMENT));
  }

  @Test
  void poolMapsInOrderAndThrowsTheFirstFailure() throws Exception {
    List<Integer> numbers = IntStream.range(0, 10_000).boxed().toList();
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(2))) {
      assertThat(pool.map(Tasks::square, numbers))
          .isEqualTo(numbers.stream().map(n -> n * n).toList());
      assertThat(pool.map(Tasks::square, List.of())).isEmpty();
      assertThatThrownBy(() -> pool.map(Tasks::squareUnlessNegative, List.of(1, -2, 3, -4, 5), 1))
          .isInstanceOf(TaskFailedException.class)
          .hasMessageContaining("negative: -2");
      PoolFuture<Integer> later = pool.applyAsync(Tasks::square, 9);
      assertThat(pool.apply(Tasks::add, 1, 2)).isEqualTo(3);
      assertThat(later.get()).isEqualTo(81);
      int sum = 0;
      for (int square : pool.imap(Tasks::square, numbers.subList(0, 100))) {
        sum += square;
      }
      assertThat(sum).isEqualTo(328_350);
      assertThat(pool.stats().workers()).hasSize(2);
      assertThat(pool.stats().failed()).isEqualTo(2);
    }
  }

  @Test
  void poolWhoseWorkersCannotStartFailsEveryCallWithTheCause() throws Exception {
    PoolOptions options = PoolOptions.defaults().workers(1).jvmFlags("-XX:+NoSuchFlag");
    try (ProcessPool pool = yard.pools().create(options)) {
      assertThatThrownBy(() -> pool.apply(Tasks::square, 2))
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(TaskFailedException.Kind.POOL_FAILED);
                assertThat(failure.stderrTail()).contains("NoSuchFlag");
              });
    }
  }

  @Test
  void poolRequestsThatMakeNoSenseAreRefusedWithTheirReason() throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1).id("taken"))) {
      assertRefused(
          "POOL_EXISTS", () -> yard.pools().create(PoolOptions.defaults().workers(1).id("taken")));
      assertThat(pool.apply(Tasks::square, 2)).isEqualTo(4);
      ManagedProcess process = yard.processes().get(pool.stats().workers().get(0).processId());
      pool.terminate();
      assertThat(process.join(Duration.ofSeconds(30)).cause()).isEqualTo(ExitCause.POOL_TERMINATED);
    }
    assertRefused(
        "TOO_MANY_WORKERS", () -> yard.pools().create(PoolOptions.defaults().workers(1_001)));
  }

  @Test
  void lostWorkerCostsOnlyTheCallThatItWasRunning(@TempDir Path dir) throws Exception {
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1).retryLost(1))) {
      assertThat(pool.apply(Tasks::dieOnce, dir.resolve("marker").toString())).isEqualTo(42);
    }
    try (ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1))) {
      assertFails(
          TaskFailedException.Kind.WORKER_LOST,
          () -> pool.apply(Tasks::dieOnce, dir.resolve("other").toString()));
      assertThat(pool.apply(Tasks::square, 4)).isEqualTo(16);
      assertThat(pool.stats().workersLost()).isEqualTo(1);
    }
  }

  @Test
  void terminatedPoolResolvesItsFutures() throws Exception {
    ProcessPool pool = yard.pools().create(PoolOptions.defaults().workers(1));
    List<PoolFuture<Long>> futures =
        List.of(pool.applyAsync(Tasks::pid), pool.applyAsync(Tasks::pid));
    PoolFuture<Integer> last = pool.applyAsync(Tasks::halt, 5);
    pool.terminate();
    for (PoolFuture<Long> future : futures) {
      assertThat(future.toCompletableFuture().handle((pid, error) -> true).get()).isTrue();
    }
    assertThatThrownBy(last::get).isInstanceOf(TaskFailedException.class);
    assertRefused("POOL_CLOSED", () -> pool.apply(Tasks::square, 1));
  }

  @Test
  void queueAndPipeEndCanBeArguments() throws Exception {
    RemoteQueue<Integer> numbers = yard.queues().create(Integer.class);
    Pipe<Integer> pipe = yard.pipes().create(Integer.class);
    ManagedProcess summer = yard.processes().start(Tasks::sum, numbers, pipe.right());
    for (int i = 1; i <= 1_000; i++) {
      numbers.put(i);
    }
    numbers.shutdown();
    assertThat(pipe.left().receive(LONG)).hasValue(500_500);
    assertThat(summer.join().success()).isTrue();
    assertThatThrownBy(() -> pipe.left().receive()).isInstanceOf(PipeEndedException.class);
    assertRefused("PIPE_BROKEN", () -> pipe.left().send(1));
    assertThatThrownBy(numbers::get).isInstanceOf(QueueEndedException.class);
    assertRefused("QUEUE_CLOSED", () -> numbers.put(1));
  }

  @Test
  void itemsOfAKilledTakerComeBack() throws Exception {
    RemoteQueue<String> queue = yard.queues().create(String.class);
    Pipe<String> pipe = yard.pipes().create(String.class);
    queue.putAll(List.of("one", "two"));
    ManagedProcess taker = yard.processes().start(Tasks::takeOneAndHang, queue, pipe.right());
    assertThat(pipe.left().receive(LONG)).hasValue("one");
    assertThat(queue.leased()).isEqualTo(1);
    taker.kill();
    taker.join();
    Lease<String> again = queue.lease(LONG).orElseThrow();
    assertThat(again.value()).isEqualTo("one");
    assertThat(again.attempt()).isEqualTo(2);
    again.nack();
    assertThat(queue.get()).isEqualTo("one");
    Lease<String> last = queue.lease(LONG).orElseThrow();
    last.ack();
    assertRefused("LEASE_LOST", last::ack);
    assertThat(queue.get(Duration.ZERO)).isEmpty();
  }

  @Test
  void namedQueueIsSharedAndItsLimitsAreChecked() throws Exception {
    RemoteQueue<String> queue =
        yard.queues().open("jobs", String.class, QueueOptions.defaults().capacity(2));
    queue.put("a");
    assertThat(queue.offer("b")).isTrue();
    assertThat(queue.offer("c")).isFalse();
    assertRefused("QUEUE_FULL", () -> queue.put("c", Duration.ofMillis(1)));
    assertRefused("BATCH_TOO_LARGE", () -> queue.putAll(List.of("x", "y", "z")));
    assertRefused(
        "QUEUE_EXISTS",
        () -> yard.queues().open("jobs", String.class, QueueOptions.defaults().capacity(3)));
    try (Forkyard other = Forkyard.connect(yard.address())) {
      RemoteQueue<String> same =
          other.queues().open("jobs", String.class, QueueOptions.defaults().capacity(2));
      assertThat(same.get()).isEqualTo("a");
      assertThat(same.size()).isEqualTo(1);
    }
    queue.delete();
    assertRefused("QUEUE_NOT_FOUND", queue::get);
  }

  @Test
  void senderPutsEverythingInOrder() throws Exception {
    RemoteQueue<Integer> queue =
        yard.queues().create(Integer.class, QueueOptions.defaults().capacity(100));
    Thread producer =
        new Thread(
            () -> {
              try (var sender = queue.sender()) {
                for (int i = 0; i < 10_000; i++) {
                  sender.put(i);
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    producer.start();
    for (int i = 0; i < 10_000; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    producer.join();
  }

  @Test
  void sessionEndsWithWhatItOwns() throws Exception {
    ManagedProcess owned;
    ManagedProcess free;
    String queueId;
    try (Forkyard other = Forkyard.connect(yard.address())) {
      owned = other.processes().start(ProcessSpec.of("sleep", "600").daemon(true));
      free = other.processes().start(ProcessSpec.of("sleep", "600"));
      queueId = other.queues().create(String.class).id();
    }
    assertThat(yard.processes().get(owned.id()).join(LONG).cause())
        .isEqualTo(ExitCause.SESSION_ENDED);
    assertThat(yard.processes().get(free.id()).isAlive()).isTrue();
    yard.processes().get(free.id()).kill();
    assertThat(queueId).isNotEmpty();
    assertThat(yard.systemInfo().capabilities()).contains("queue", "pipe", "pool");
  }

  @Test
  void interruptedWaitLeavesTheProcessAlone() throws Exception {
    ManagedProcess sleeper = yard.processes().start(ProcessSpec.of("sleep", "600"));
    Thread.currentThread().interrupt();
    assertThatThrownBy(sleeper::join).isInstanceOf(InterruptedException.class);
    assertThat(sleeper.isAlive()).isTrue();
    sleeper.kill();
  }
}
