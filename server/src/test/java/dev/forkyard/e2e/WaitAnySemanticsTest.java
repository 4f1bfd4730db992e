package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeEndedException;
import dev.forkyard.client.PipeOptions;
import dev.forkyard.client.PoolFuture;
import dev.forkyard.client.PoolOptions;
import dev.forkyard.client.ProcessPool;
import dev.forkyard.client.ProcessSpec;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.Waitable;
import dev.forkyard.server.testing.Marks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code multiprocessing.connection.wait} does, for a pipe, a queue, a process and a future at
 * once. After each test no call waits in the daemon.
 */
@Timeout(120)
class WaitAnySemanticsTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration SHORT = Duration.ofMillis(1);

  /** The waits for the end of the pipe, the queue and the process. */
  private static final int IN_THE_DAEMON = 3;

  private Pipe<String> pipe;
  private RemoteQueue<String> queue;
  private ManagedProcess process;
  private CompletableFuture<String> promise;
  private PipeEnd<String> end;
  private Waitable future;

  @BeforeEach
  void create() {
    Forkyard yard = YARD.get();
    pipe = yard.pipes().create(String.class);
    end = pipe.left();
    queue = yard.queues().create(String.class);
    process = yard.processes().start(ProcessSpec.of("sleep", "600"));
    promise = new CompletableFuture<>();
    future = Waitable.of(promise);
  }

  @AfterEach
  void nothingWaits() throws Exception {
    process.kill();
    process.join();
    YARD.awaitWaitingCalls(0);
    assertThat(promise.getNumberOfDependents()).isZero();
  }

  private List<Waitable> all() {
    return List.of(end, queue, process, future);
  }

  private interface Waiting {
    List<Waitable> call() throws Exception;
  }

  /** Begins to wait in another thread; answers when all waits have come to the daemon. */
  private static FutureTask<List<Waitable>> begin(Waiting waiting) {
    FutureTask<List<Waitable>> task = new FutureTask<>(waiting::call);
    new Thread(task).start();
    YARD.awaitWaitingCalls(IN_THE_DAEMON);
    return task;
  }

  private FutureTask<List<Waitable>> begin() {
    return begin(() -> Forkyard.waitAny(all()));
  }

  /** The answer, after which nothing waits in the daemon. */
  private static List<Waitable> result(FutureTask<List<Waitable>> task) throws Exception {
    List<Waitable> ready = task.get(LONG.toSeconds(), TimeUnit.SECONDS);
    YARD.awaitWaitingCalls(0);
    return ready;
  }

  // ready is what has data, or is at its end

  @Test
  void messageOfAPipe() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    pipe.right().send("x");
    assertThat(result(waiting)).containsExactly(end);
    assertThat(end.receive(Duration.ZERO)).hasValue("x");
  }

  @Test
  void messageIsReceivedAsTheJavadocShowsIt() throws Exception {
    pipe.right().send("x");
    List<String> received = new ArrayList<>();
    for (Waitable ready : Forkyard.waitAny(Duration.ofSeconds(3), end, queue, process)) {
      if (ready == end) {
        received.add(end.receive());
      }
    }
    assertThat(received).containsExactly("x");
  }

  @Test
  void endOfAPipeWhosePeerIsKilled() throws Exception {
    ManagedProcess peer = YARD.get().processes().start(PipeTasks::hangWith, pipe.right());
    FutureTask<List<Waitable>> waiting = begin();
    peer.kill();
    assertThat(result(waiting)).containsExactly(end);
    assertThatThrownBy(end::receive).isInstanceOf(PipeEndedException.class);
    peer.join();
  }

  @Test
  void itemOfAQueue() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    queue.put("x");
    assertThat(result(waiting)).containsExactly(queue);
    assertThat(queue.get(Duration.ZERO)).hasValue("x");
  }

  @Test
  void endOfAQueueThatIsShutDown() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    queue.shutdown();
    assertThat(result(waiting)).containsExactly(queue);
    assertThatThrownBy(queue::get).isInstanceOf(QueueEndedException.class);
  }

  @Test
  void processThatIsKilled() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    process.kill();
    assertThat(result(waiting)).containsExactly(process);
    assertThat(process.join(Duration.ZERO).signal()).hasValue("KILL");
  }

  @Test
  void futureThatIsComplete() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    promise.complete("x");
    assertThat(result(waiting)).containsExactly(future);
  }

  @Test
  void futureOfAPool(@TempDir Path folder) throws Exception {
    try (ProcessPool pool = YARD.get().pools().create(PoolOptions.defaults().workers(1))) {
      Path go = folder.resolve("go");
      PoolFuture<Integer> result = pool.applyAsync(WaitAnySemanticsTest::awaitFile, go.toString());
      assertThat(Forkyard.waitAny(SHORT, result, end)).isEmpty();
      FutureTask<List<Waitable>> waiting = new FutureTask<>(() -> Forkyard.waitAny(end, result));
      new Thread(waiting).start();
      Files.createFile(go);
      assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).containsExactly(result);
      assertThat(result.get()).isEqualTo(1);
    }
  }

  static int awaitFile(String file) throws Exception {
    Marks.await(file);
    return 1;
  }

  // the answer

  @Test
  void allThatAreReadyAreToldInTheOrderGivenAndNothingIsTaken() throws Exception {
    pipe.right().send("x");
    queue.put("y");
    promise.complete("z");
    process.kill();
    process.join();
    for (int i = 0; i < 100; i++) {
      assertThat(Forkyard.waitAny(end, queue, process, future))
          .containsExactly(end, queue, process, future);
      assertThat(Forkyard.waitAny(LONG, List.of(future, process, queue, end)))
          .containsExactly(future, process, queue, end);
      assertThat(Forkyard.waitAny(Duration.ZERO, process, queue)).containsExactly(process, queue);
    }
    assertThat(end.receive(Duration.ZERO)).hasValue("x");
    assertThat(queue.get(Duration.ZERO)).hasValue("y");
  }

  @Test
  void oneThatIsAlwaysReadyDoesNotHideAnother() throws Exception {
    promise.complete("always");
    pipe.right().send("x");
    assertThat(Forkyard.waitAny(all())).containsExactly(end, future);
    process.kill();
    process.join();
    assertThat(Forkyard.waitAny(all())).containsExactly(end, process, future);
    queue.put("y");
    assertThat(Forkyard.waitAny(all())).containsExactly(end, queue, process, future);
  }

  @Test
  void nothingIsReadyInTimeAndANegativeTimeIsNone() throws Exception {
    for (Duration timeout : List.of(SHORT, Duration.ZERO, Duration.ofSeconds(-5))) {
      assertThat(Forkyard.waitAny(timeout, all())).isEmpty();
      YARD.awaitWaitingCalls(0);
    }
    queue.put("x");
    assertThat(Forkyard.waitAny(Duration.ofSeconds(-5), all())).containsExactly(queue);
  }

  @Test
  void itemThatWasSentAheadIsReady() throws Exception {
    queue.putAll(IntStream.range(0, 10).mapToObj(Integer::toString).toList());
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      assertThat(Forkyard.waitAny(Duration.ZERO, end, queue)).containsExactly(queue);
      got.add(queue.get());
    }
    assertThat(got).isEqualTo(IntStream.range(0, 10).mapToObj(Integer::toString).toList());
    assertThat(Forkyard.waitAny(SHORT, end, queue)).isEmpty();
  }

  @Test
  void severalWhoWaitForTheSameAreAllTold() throws Exception {
    List<FutureTask<List<Waitable>>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      FutureTask<List<Waitable>> waiting = new FutureTask<>(() -> Forkyard.waitAny(end, queue));
      new Thread(waiting).start();
      all.add(waiting);
    }
    YARD.awaitWaitingCalls(6);
    pipe.right().send("x");
    for (FutureTask<List<Waitable>> waiting : all) {
      assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).containsExactly(end);
    }
    YARD.awaitWaitingCalls(0);
    assertThat(end.receive()).isEqualTo("x");
  }

  @Test
  void thingsOfSeveralConnectionsCanBeWaitedForTogether() throws Exception {
    try (Forkyard other = YARD.connect()) {
      Pipe<String> far = other.pipes().create(String.class);
      far.right().send("far");
      assertThat(Forkyard.waitAny(LONG, end, far.left())).containsExactly(far.left());
      pipe.right().send("near");
      assertThat(Forkyard.waitAny(LONG, end, far.left())).containsExactly(end, far.left());
    }
  }

  @Test
  void parentTakesWhatItsChildrenSendAndLearnsWhoDied() throws Exception {
    List<Pipe<String>> pipes = new ArrayList<>();
    List<PipeEnd<String>> open = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Pipe<String> one = YARD.get().pipes().create(String.class, PipeOptions.defaults().simplex());
      YARD.get().processes().start(PipeTasks::sendWords, one.right(), "child" + i + "-", 20);
      pipes.add(one);
      open.add(one.left());
    }
    List<String> got = new ArrayList<>();
    while (!open.isEmpty()) {
      for (PipeEnd<String> ready : Forkyard.waitAny(open)) {
        try {
          got.add(ready.receive());
        } catch (PipeEndedException e) {
          open.remove(ready);
        }
      }
    }
    assertThat(got).hasSize(60).doesNotHaveDuplicates();
    assertThat(pipes).hasSize(3);
  }

  // what ends a wait

  @Test
  void interruptLeavesNothingBehind() throws Exception {
    FutureTask<List<Waitable>> waiting = new FutureTask<>(() -> Forkyard.waitAny(all()));
    Thread waiter = new Thread(waiting);
    waiter.start();
    YARD.awaitWaitingCalls(IN_THE_DAEMON);
    waiter.interrupt();
    assertThatThrownBy(() -> waiting.get(LONG.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    YARD.awaitWaitingCalls(0);
    pipe.right().send("still there");
    assertThat(end.receive()).isEqualTo("still there");
  }

  @Test
  void thingThatIsDeletedMeanwhileIsToldAndTheOtherWaitsAreOver() throws Exception {
    FutureTask<List<Waitable>> waiting = begin();
    queue.delete();
    assertThatThrownBy(() -> result(waiting))
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            gone -> {
              assertThat(gone.reason()).isEqualTo("QUEUE_NOT_FOUND");
              assertThat(gone.metadata()).containsEntry("queue_id", queue.id());
            });
    YARD.awaitWaitingCalls(0);
    promise.complete("x");
    assertThat(Forkyard.waitAny(queue, future)).containsExactly(future);
  }

  @Test
  void endsThatCannotBeWaitedForAreRefused() throws Exception {
    Pipe<String> simplex =
        YARD.get().pipes().create(String.class, PipeOptions.defaults().simplex());
    assertRefused("PIPE_WRITE_ONLY", () -> Forkyard.waitAny(end, simplex.right()));
    end.close();
    assertRefused("PIPE_END_CLOSED", () -> Forkyard.waitAny(end, queue));
    process.kill();
    process.join();
    process.delete();
    assertRefused("PROCESS_NOT_FOUND", () -> Forkyard.waitAny(queue, process));
    process = YARD.get().processes().start(ProcessSpec.of("true"));
  }

  @Test
  void waitEndsWithTheConnectionOfWhatIsWaitedFor() throws Exception {
    FutureTask<List<Waitable>> waiting;
    try (Forkyard other = YARD.connect()) {
      PipeEnd<String> far = other.pipes().create(String.class).left();
      ManagedProcess same = other.processes().get(process.id());
      waiting = new FutureTask<>(() -> Forkyard.waitAny(far, same, queue));
      new Thread(waiting).start();
      YARD.awaitWaitingCalls(3);
    }
    assertThatThrownBy(() -> waiting.get(LONG.toSeconds(), TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            closed -> assertThat(closed.reason()).isEqualTo("CLIENT_CLOSED"));
    YARD.awaitWaitingCalls(0);
    await().atMost(LONG).until(() -> YARD.get().systemInfo().pipes() == 1);
  }
}
