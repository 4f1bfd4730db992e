package dev.forkyard.e2e;

import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.Lease;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.server.testing.CuttingProxy;
import dev.forkyard.server.testing.SharedDaemon;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The connection of a client is cut, again and again, and nobody notices. */
@Timeout(120)
class ResumeTest {
  @RegisterExtension static final SharedDaemon DAEMON = new SharedDaemon();

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final QueueOptions ROOMY = QueueOptions.defaults().capacity(100_000);
  private static final int CUTS = 20;
  private static final int MOST_STEPS = 100;

  /** Enough for all cuts. */
  private static final int STEPS = CUTS * MOST_STEPS;

  private final long seed = new Random().nextLong();
  private CuttingProxy proxy;
  private Forkyard yard;
  private Forkyard observer;

  /** The queue as the client sees it whose connection is cut, and as one whose is not. */
  private RemoteQueue<Integer> queue;

  private RemoteQueue<Integer> observed;

  @BeforeEach
  void connect() throws IOException {
    proxy = CuttingProxy.before(DAEMON.get().socket());
    yard = Forkyard.connect(proxy.address());
    observer = Forkyard.connect("unix:" + DAEMON.get().socket());
    observed = observer.queues().create(Integer.class, ROOMY);
    queue = yard.queues().open(observed.id(), Integer.class, ROOMY);
  }

  @AfterEach
  void disconnect() throws IOException {
    yard.close();
    observed.delete();
    observer.close();
    proxy.close();
  }

  private interface Work {
    /**
     * Does something in many steps.
     *
     * @param step to be run after each
     */
    void run(Runnable step) throws Exception;
  }

  /** Cuts the connection while something is done, each time after some more steps of it. */
  private void whileItIsCut(Work work) throws Exception {
    Semaphore steps = new Semaphore(0);
    FutureTask<Integer> cutting = new FutureTask<>(() -> cut(steps));
    new Thread(cutting, "cutting").start();
    try {
      work.run(steps::release);
      assertThat(cutting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(CUTS);
    } finally {
      cutting.cancel(true);
    }
  }

  private int cut(Semaphore steps) throws InterruptedException {
    Random random = new Random(seed);
    for (int i = 0; i < CUTS; i++) {
      steps.acquire(1 + random.nextInt(MOST_STEPS));
      proxy.cut();
    }
    return CUTS;
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private List<Integer> rest() throws InterruptedException {
    List<Integer> rest = new ArrayList<>();
    for (var item = observed.get(Duration.ZERO);
        item.isPresent();
        item = observed.get(Duration.ZERO)) {
      rest.add(item.get());
    }
    return rest;
  }

  @Test
  void everyItemThatIsPutIsThereOnceAndInOrder() throws Exception {
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS; i++) {
            queue.put(i);
            step.run();
          }
        });
    assertThat(rest()).as("seed %d", seed).isEqualTo(numbers(STEPS));
  }

  @Test
  void everyItemOfASenderIsThereOnceAndInOrder() throws Exception {
    int items = STEPS * 10;
    whileItIsCut(
        step -> {
          try (QueueSender<Integer> sender = queue.sender()) {
            for (int i = 0; i < items; i++) {
              sender.put(i);
              if (i % 10 == 0) {
                step.run();
              }
            }
          }
        });
    assertThat(rest()).as("seed %d", seed).isEqualTo(numbers(items));
  }

  @Test
  void everyItemIsGotOnceAndInOrderAndNoneComesBack() throws Exception {
    observed.putAll(numbers(STEPS));
    List<Integer> got = new ArrayList<>();
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS; i++) {
            got.add(queue.get());
            step.run();
          }
        });
    assertThat(got).as("seed %d", seed).isEqualTo(numbers(STEPS));
    yard.close();
    assertThat(rest()).isEmpty();
    assertThat(observed.leased()).isZero();
  }

  @Test
  void everyItemThatManyWaitForArrivesOnce() throws Exception {
    List<CompletableFuture<Integer>> later = new ArrayList<>();
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS; i++) {
            later.add(queue.getAsync());
            observed.put(i);
            step.run();
          }
        });
    List<Integer> got = new ArrayList<>();
    for (CompletableFuture<Integer> item : later) {
      got.add(item.get(LONG.toSeconds(), TimeUnit.SECONDS));
    }
    assertThat(got).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(numbers(STEPS));
    yard.close();
    assertThat(rest()).isEmpty();
    assertThat(observed.leased()).isZero();
  }

  @Test
  void everyMessageOfAPipeIsReceivedOnceAndInOrder() throws Exception {
    Pipe<Integer> pipe = yard.pipes().create(Integer.class);
    FutureTask<List<Integer>> receiving =
        new FutureTask<>(
            () -> {
              List<Integer> received = new ArrayList<>();
              while (received.size() < STEPS) {
                received.add(pipe.right().receive());
              }
              return received;
            });
    new Thread(receiving, "receiver").start();
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS; i++) {
            pipe.left().send(i);
            step.run();
          }
        });
    assertThat(receiving.get(LONG.toSeconds(), TimeUnit.SECONDS))
        .as("seed %d", seed)
        .isEqualTo(numbers(STEPS));
    pipe.delete();
  }

  @Test
  void callsThatMayBeRepeatedDoNotNoticeACut() throws Exception {
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS / 10; i++) {
            Pipe<String> pipe = yard.pipes().create(String.class);
            assertThat(pipe.left().trySend("hello")).isTrue();
            pipe.left().close();
            assertThat(pipe.right().receive()).isEqualTo("hello");
            assertThatThrownBy(pipe.right()::receive).isInstanceOf(PipeEndedException.class);
            pipe.right().close();
            assertThat(queue.size()).isZero();
            for (int j = 0; j < 10; j++) {
              step.run();
            }
          }
          queue.shutdown();
        });
    assertRefused("QUEUE_CLOSED", () -> observed.put(1));
  }

  @Test
  void everyTaskIsHandledAndDoneOnce() throws Exception {
    JoinableQueue<Integer> tasks = yard.queues().createJoinable(Integer.class, ROOMY);
    tasks.putAll(numbers(STEPS));
    tasks.shutdown();
    List<Integer> done = new ArrayList<>();
    whileItIsCut(
        step -> {
          for (int i = 0; i < STEPS / 2; i++) {
            done.add(tasks.get());
            tasks.taskDone();
            step.run();
          }
          tasks.forEach(
              task -> {
                done.add(task);
                step.run();
              });
        });
    assertThat(done).as("seed %d", seed).isEqualTo(numbers(STEPS));
    assertThat(tasks.join().died()).isZero();
  }

  @Test
  void leaseOutlivesACut() throws Exception {
    observed.put(7);
    Lease<Integer> lease = queue.lease(LONG).orElseThrow();
    proxy.cut();
    lease.ack();
    assertThat(observed.leased()).isZero();
    assertThat(observed.size()).isZero();
  }

  @Test
  void whatIsLeftIsSentWhenTheClientIsClosedWhileItsConnectionIsBroken() throws Exception {
    observed.putAll(List.of(1, 2));
    queue.lease(LONG);
    assertThat(queue.get()).isEqualTo(2);
    proxy.refuse();
    FutureTask<Void> closing = new FutureTask<>(yard::close, null);
    new Thread(closing, "closing").start();
    assertRefused("CLIENT_CLOSED", () -> queue.get(LONG));
    proxy.letIn();
    closing.get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(rest()).containsExactly(1);
  }

  @Test
  void clientWhoseConnectionStaysBrokenIsToldSoAndItsItemsComeBack() throws Exception {
    observed.put(7);
    queue.lease(LONG);
    CompletableFuture<Integer> waits = queue.getAsync();
    proxy.refuse();
    assertThatThrownBy(() -> waits.get(LONG.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> assertThat(lost.reason()).isEqualTo("CONNECTION_LOST"));
    assertRefused("CONNECTION_LOST", () -> queue.put(8), "connect again");
    assertThat(observed.get(LONG)).hasValue(7);
    proxy.letIn();
    assertRefused("CONNECTION_LOST", () -> queue.put(8), "connect again");
    yard.close();
  }

  @Test
  void clientCanBeClosedWhileItsConnectionStaysBroken() throws Exception {
    observed.put(7);
    queue.lease(LONG);
    proxy.refuse();
    yard.close();
    assertThat(observed.get(LONG)).hasValue(7);
  }
}
