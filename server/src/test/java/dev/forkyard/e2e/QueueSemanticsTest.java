package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.QueueTasks.numbers;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static dev.forkyard.e2e.Threads.begin;
import static dev.forkyard.e2e.Threads.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.DeadLetter;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.ForkyardException;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.JoinResult;
import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.Lease;
import dev.forkyard.client.ManagedProcess;
import dev.forkyard.client.Pipe;
import dev.forkyard.client.PipeEnd;
import dev.forkyard.client.PipeOptions;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.RemoteQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the queues of multiprocessing do, and where a queue here differs. */
@Timeout(120)
class QueueSemanticsTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration SHORT = Duration.ofMillis(1);
  private static final Duration NEGATIVE = Duration.ofSeconds(-5);

  private static RemoteQueue<String> queue() {
    return YARD.get().queues().create(String.class);
  }

  private static RemoteQueue<String> queue(int capacity) {
    return YARD.get().queues().create(String.class, QueueOptions.defaults().capacity(capacity));
  }

  private static JoinableQueue<String> joinable() {
    return YARD.get().queues().createJoinable(String.class);
  }

  // Queue(maxsize)

  @Test
  void maxsizeBoundsTheItemsThatWerePutAndNotGot() throws Exception {
    RemoteQueue<String> queue = queue(2);
    queue.put("a");
    assertThat(queue.isFull()).isFalse();
    queue.put("b");
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.offer("c")).isFalse();
    assertThat(queue.get()).isEqualTo("a");
    assertThat(queue.isFull()).isFalse();
    assertThat(queue.offer("c")).isTrue();
  }

  @Test
  void queueWithoutMaxsizeHasRoomForTenThousandItems() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    queue.putAll(numbers(10_000));
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.offer(1)).isFalse();
  }

  // put, put_nowait

  @Test
  void putWaitsForRoomAsLongAsItTakes() throws Exception {
    RemoteQueue<String> queue = queue(1);
    queue.put("a");
    FutureTask<Boolean> put =
        begin(
            () -> {
              queue.put("b");
              return true;
            });
    YARD.awaitWaitingCalls(1);
    assertThat(put.isDone()).isFalse();
    assertThat(queue.get()).isEqualTo("a");
    assertThat(result(put)).isTrue();
    assertThat(queue.get(Duration.ZERO)).hasValue("b");
  }

  @Test
  void putThatFindsNoRoomInTimeIsFullAndPutsNothing() throws Exception {
    RemoteQueue<String> queue = queue(1);
    queue.put("a");
    for (Duration timeout : List.of(SHORT, Duration.ZERO, NEGATIVE)) {
      assertRefused("QUEUE_FULL", () -> queue.put("b", timeout));
    }
    assertThat(queue.offer("b")).isFalse();
    assertThat(queue.size()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo("a");
    assertThat(queue.get(Duration.ZERO)).isEmpty();
  }

  @Test
  void itemThatCannotBeEncodedIsRefusedToItsPutterAndNothingIsPut() throws Exception {
    RemoteQueue<Object> queue = YARD.get().queues().create(Object.class);
    assertRefused("NOT_CONVERTIBLE", () -> queue.put(new Object()));
    assertRefused("NOT_CONVERTIBLE", () -> queue.putAll(List.of("a", Double.NaN)));
    try (var sender = queue.sender()) {
      assertRefused("NOT_CONVERTIBLE", () -> sender.put(new Object()));
      sender.put("b");
    }
    assertThat(queue.get()).isEqualTo("b");
    assertThat(queue.isEmpty()).isTrue();
  }

  // get, get_nowait

  @Test
  void getWaitsForAnItemAsLongAsItTakes() throws Exception {
    RemoteQueue<String> queue = queue();
    FutureTask<String> get = begin(queue::get);
    YARD.awaitWaitingCalls(1);
    queue.put("a");
    assertThat(result(get)).isEqualTo("a");
  }

  @Test
  void getThatIsInterruptedWhenItsItemComesHasItOrLeavesIt() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    try (Forkyard other = YARD.connect()) {
      RemoteQueue<Integer> same =
          other.queues().open(queue.id(), Integer.class, QueueOptions.defaults());
      int got = 0;
      for (int i = 0; i < 500; i++) {
        FutureTask<Integer> get = new FutureTask<>(queue::get);
        Thread taker = new Thread(get);
        taker.start();
        FutureTask<Boolean> put = begin(() -> same.offer(7));
        if (i % 2 == 0) {
          result(put);
        }
        taker.interrupt();
        assertThat(result(put)).isTrue();
        taker.join();
        if (hasItem(get)) {
          got++;
          assertThat(same.isEmpty()).isTrue();
        } else {
          assertThat(same.get(Duration.ZERO)).hasValue(7);
        }
      }
      assertThat(got).isPositive();
    }
  }

  private static boolean hasItem(FutureTask<Integer> get) throws Exception {
    try {
      return result(get) == 7;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(InterruptedException.class);
      return false;
    }
  }

  @Test
  void getOfAnEmptyQueueIsEmptyWhenItsTimeIsOver() throws Exception {
    RemoteQueue<String> queue = queue();
    for (Duration timeout : List.of(SHORT, Duration.ZERO, NEGATIVE)) {
      assertThat(queue.get(timeout)).isEmpty();
    }
    queue.put("a");
    assertThat(queue.get(NEGATIVE)).hasValue("a");
  }

  @Test
  void consumersKilledWhileTheyWaitTakeNothingAndLeaveTheQueueToOthers() throws Exception {
    RemoteQueue<String> queue = queue();
    List<ManagedProcess> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(YARD.get().processes().start(QueueTasks::getOne, queue));
    }
    YARD.awaitWaitingCalls(3);
    for (ManagedProcess consumer : waiting) {
      consumer.kill();
      consumer.join(LONG);
    }
    queue.putAll(List.of("a", "b"));
    assertThat(YARD.get().processes().start(QueueTasks::getOne, queue).result(LONG)).isEqualTo("a");
    assertThat(queue.get(LONG)).hasValue("b");
  }

  @Test
  void itemThatWasGotDoesNotComeAgainWhenItsConsumerReturnsAtOnce() throws Exception {
    RemoteQueue<String> queue = queue();
    List<String> items = IntStream.range(0, 4).mapToObj(number -> "item " + number).toList();
    queue.putAll(items);
    List<FunctionProcess<String>> consumers = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      consumers.add(YARD.get().processes().start(QueueTasks::getOne, queue));
    }
    List<String> got = new ArrayList<>();
    for (FunctionProcess<String> consumer : consumers) {
      got.add(consumer.result(LONG));
      consumer.join(LONG);
    }
    assertThat(got).containsExactlyInAnyOrderElementsOf(items);
    assertThat(queue.isEmpty()).isTrue();
  }

  // order, visibility, qsize, empty, full

  @Test
  void itemsOfEachProducerKeepTheirOrder() throws Exception {
    RemoteQueue<Integer> queue =
        YARD.get().queues().create(Integer.class, QueueOptions.defaults().capacity(10));
    List<ManagedProcess> producers = new ArrayList<>();
    for (int first : List.of(0, 1_000)) {
      producers.add(YARD.get().processes().start(QueueTasks::produce, queue, first, 200));
    }
    FunctionProcess<List<Integer>> consumer =
        YARD.get().processes().start(QueueTasks::drain, queue);
    for (ManagedProcess producer : producers) {
      assertThat(producer.join(LONG).success()).isTrue();
    }
    queue.shutdown();
    List<Integer> got = consumer.result(LONG);
    for (int first : List.of(0, 1_000)) {
      assertThat(got.stream().filter(number -> number / 1_000 == first / 1_000).toList())
          .isEqualTo(IntStream.range(first, first + 200).boxed().toList());
    }
  }

  @Test
  void whatWasAcknowledgedToProducersThatAreKilledIsThereInOrder() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    List<Integer> firsts = List.of(0, 1_000_000);
    List<PipeEnd<Integer>> told = new ArrayList<>();
    List<ManagedProcess> producers = new ArrayList<>();
    // so that no producer fills the queue before the other one has begun
    PipeOptions small = PipeOptions.defaults().capacityBytes(256);
    for (int first : firsts) {
      Pipe<Integer> pipe = YARD.get().pipes().create(Integer.class, small);
      told.add(pipe.left());
      producers.add(
          YARD.get().processes().start(QueueTasks::produceForEver, queue, first, pipe.right()));
    }
    for (PipeEnd<Integer> end : told) {
      for (int i = 0; i < 40; i++) {
        assertThat(end.receive(LONG)).isPresent();
      }
    }
    for (ManagedProcess producer : producers) {
      producer.kill();
      producer.join(LONG);
    }
    queue.shutdown();
    List<Integer> got = QueueTasks.drain(queue);
    for (int i = 0; i < firsts.size(); i++) {
      int first = firsts.get(i);
      List<Integer> put =
          got.stream().filter(number -> number / 1_000_000 == first / 1_000_000).toList();
      assertThat(put).isEqualTo(IntStream.range(first, first + put.size()).boxed().toList());
      assertThat(put).containsAll(PipeTasks.drain(told.get(i)));
    }
  }

  @Test
  void itemIsVisibleToEverybodyAsSoonAsPutReturns() throws Exception {
    RemoteQueue<String> queue =
        YARD.get().queues().open("seen", String.class, QueueOptions.defaults());
    try (Forkyard other = YARD.connect()) {
      RemoteQueue<String> same = other.queues().open("seen", String.class, QueueOptions.defaults());
      for (int i = 0; i < 50; i++) {
        queue.put("item " + i);
        assertThat(same.isEmpty()).isFalse();
        assertThat(same.get(Duration.ZERO)).hasValue("item " + i);
        assertThat(queue.isEmpty()).isTrue();
      }
    }
    queue.delete();
  }

  @Test
  void sizeIsExactAlsoForAConsumerThatIsSentItemsAhead() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    queue.putAll(numbers(100));
    for (int i = 0; i < 50; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    assertThat(queue.size()).isEqualTo(50);
    assertThat(queue.peek()).hasValue(50);
    try (Lease<Integer> next = queue.lease()) {
      assertThat(next.value()).isEqualTo(50);
      assertThat(next.attempt()).isEqualTo(1);
    }
  }

  @Test
  void consumerThatBecomesSlowKeepsNothingFromOthers() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    queue.putAll(numbers(2_000));
    for (int i = 0; i < 1_000; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    try (Forkyard other = YARD.connect()) {
      RemoteQueue<Integer> same =
          other.queues().open(queue.id(), Integer.class, QueueOptions.defaults());
      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(20))
          .untilAsserted(
              () -> {
                int slow = queue.get();
                assertThat(same.get(Duration.ZERO)).hasValue(slow + 1);
              });
    }
  }

  // close, join_thread, cancel_join_thread

  @Test
  void shutdownEndsPutsOfEverybodyAndTheSizeStillAnswers() throws Exception {
    RemoteQueue<String> queue = queue(1);
    queue.put("a");
    FutureTask<Boolean> waiting =
        begin(
            () -> {
              queue.put("b");
              return true;
            });
    YARD.awaitWaitingCalls(1);
    queue.shutdown();
    queue.shutdown();
    assertThatThrownBy(() -> result(waiting))
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo("QUEUE_CLOSED");
              assertThat(refusal.code()).isEqualTo(ForkyardException.Code.FAILED_PRECONDITION);
            });
    assertRefused("QUEUE_CLOSED", () -> queue.put("b"));
    assertRefused("QUEUE_CLOSED", () -> queue.offer("b"));
    assertRefused("QUEUE_CLOSED", () -> queue.putAll(List.of("b")));
    assertThat(queue.size()).isEqualTo(1);
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.get()).isEqualTo("a");
  }

  @Test
  void childThatPutsAndExitsAtOnceLosesNothingAndCanBeJoinedBeforeItsItemsAreTaken()
      throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    ManagedProcess child = YARD.get().processes().start(QueueTasks::produceFast, queue, 5_000);
    assertThat(child.join(LONG).success()).isTrue();
    assertThat(queue.size()).isEqualTo(5_000);
    assertThat(queue.getMany(10_000, Duration.ZERO)).isEqualTo(numbers(5_000));
  }

  // the end of a stream, for which Python has sentinels

  @Test
  void takersDrainAQueueThatIsShutDownAndAreThenToldTheEnd() throws Exception {
    RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
    List<FunctionProcess<List<Integer>>> takers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      takers.add(YARD.get().processes().start(QueueTasks::drain, queue));
    }
    YARD.awaitWaitingCalls(2);
    queue.putAll(numbers(1_000));
    queue.shutdown();
    List<Integer> got = new ArrayList<>();
    for (FunctionProcess<List<Integer>> taker : takers) {
      List<Integer> part = taker.result(LONG);
      assertThat(part).isSorted();
      got.addAll(part);
    }
    assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(1_000));
    assertThatThrownBy(queue::get).isInstanceOf(QueueEndedException.class);
    assertThatThrownBy(() -> queue.get(Duration.ZERO)).isInstanceOf(QueueEndedException.class);
    assertThatThrownBy(queue::lease).isInstanceOf(QueueEndedException.class);
    assertThatThrownBy(() -> queue.getMany(5, LONG)).isInstanceOf(QueueEndedException.class);
    assertThatThrownBy(() -> queue.getAsync().get()).hasCauseInstanceOf(QueueEndedException.class);
  }

  @Test
  void severalWhoTakeInOneProcessAreToldTheEndWhenAllIsTaken() throws Exception {
    for (int round = 0; round < 20; round++) {
      RemoteQueue<Integer> queue = YARD.get().queues().create(Integer.class);
      queue.putAll(numbers(500));
      queue.shutdown();
      RemoteQueue<Integer> same =
          YARD.get().queues().open(queue.id(), Integer.class, QueueOptions.defaults());
      FutureTask<List<Integer>> first = begin(() -> QueueTasks.drain(queue));
      List<Integer> got = new ArrayList<>(QueueTasks.drain(same));
      got.addAll(result(first));
      assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(500));
    }
  }

  @Test
  void takersAreNotToldTheEndWhileAnItemMayStillComeBack() throws Exception {
    RemoteQueue<String> queue = queue();
    Pipe<String> pipe = YARD.get().pipes().create(String.class);
    queue.put("a");
    queue.shutdown();
    ManagedProcess holder =
        YARD.get().processes().start(Tasks::takeOneAndHang, queue, pipe.right());
    assertThat(pipe.left().receive(LONG)).hasValue("a");
    FutureTask<String> get = begin(queue::get);
    YARD.awaitWaitingCalls(2); // and the pipe's
    assertThat(get.isDone()).isFalse();
    holder.kill();
    assertThat(result(get)).isEqualTo("a");
    assertThatThrownBy(queue::get).isInstanceOf(QueueEndedException.class);
  }

  // what becomes of items whose takers die

  @Test
  void itemOfATakerThatDiesComesBackToItsOldPlace() throws Exception {
    RemoteQueue<String> queue = queue();
    Pipe<String> pipe = YARD.get().pipes().create(String.class);
    queue.putAll(List.of("a", "b"));
    ManagedProcess taker = YARD.get().processes().start(Tasks::takeOneAndHang, queue, pipe.right());
    assertThat(pipe.left().receive(LONG)).hasValue("a");
    assertThat(queue.leased()).isEqualTo(1);
    taker.kill();
    taker.join(LONG);
    try (Lease<String> again = queue.lease()) {
      assertThat(again.value()).isEqualTo("a");
      assertThat(again.attempt()).isEqualTo(2);
      again.ack();
    }
    assertThat(queue.get()).isEqualTo("b");
  }

  @Test
  void itemThatKillsItsTakersIsADeadLetterWithTheEndOfEachOfThem() throws Exception {
    RemoteQueue<String> queue =
        YARD.get()
            .queues()
            .create(String.class, QueueOptions.defaults().capacity(10).deadAfterCrashes(2));
    Pipe<String> pipe = YARD.get().pipes().create(String.class);
    queue.putAll(List.of("poison", "b"));
    FunctionProcess<?> first = YARD.get().processes().start(QueueTasks::leaseAndHalt, queue, 7);
    first.join(LONG);
    ManagedProcess second =
        YARD.get().processes().start(Tasks::takeOneAndHang, queue, pipe.right());
    assertThat(pipe.left().receive(LONG)).hasValue("poison");
    second.kill();
    second.join(LONG);

    assertThat(queue.get()).isEqualTo("b");
    assertThat(queue.get(Duration.ZERO)).isEmpty();
    DeadLetter<String> dead = queue.deadLetters().list().get(0);
    assertThat(dead.value()).isEqualTo("poison");
    assertThat(dead.cause()).isEqualTo(DeadLetter.Cause.CRASHES);
    assertThat(dead.attempts()).isEqualTo(2);
    assertThat(dead.crashes())
        .extracting(taker -> taker.processId().orElseThrow() + ": " + taker.how())
        .containsExactly(
            first.id() + ": its process ended with exit code 7",
            second.id() + ": its process ended with signal KILL");
    assertThat(dead.crashes()).allMatch(taker -> !taker.time().isAfter(dead.time()));
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(1));
  }

  @Test
  void itemsThatWereSentAheadToATakerThatDiesComeBackWithoutBlame() throws Exception {
    RemoteQueue<Integer> queue =
        YARD.get()
            .queues()
            .create(Integer.class, QueueOptions.defaults().capacity(1_000).deadAfterCrashes(1));
    Pipe<Integer> pipe = YARD.get().pipes().create(Integer.class);
    queue.putAll(numbers(500));
    ManagedProcess taker =
        YARD.get().processes().start(QueueTasks::getSomeAndHang, queue, 40, pipe.right());
    for (int i = 0; i < 40; i++) {
      assertThat(pipe.left().receive(LONG)).hasValue(i);
    }
    taker.kill();
    taker.join(LONG);
    try (Lease<Integer> next = queue.lease()) {
      assertThat(next.attempt()).isEqualTo(1);
    }
    assertThat(queue.getMany(500, LONG)).isEqualTo(numbers(500).subList(40, 500));
    assertThat(queue.deadLetters().list()).isEmpty();
  }

  // JoinableQueue, task_done, join

  @Test
  void joinReturnsAtOnceWhenNothingIsUnfinished() throws Exception {
    JoinableQueue<String> queue = joinable();
    assertThat(queue.join(Duration.ZERO)).isEqualTo(new JoinResult(0));
    queue.put("a");
    assertThatThrownBy(() -> queue.join(Duration.ZERO))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("1 item");
    assertThat(queue.get()).isEqualTo("a");
    assertThatThrownBy(() -> queue.join(SHORT)).isInstanceOf(TimeoutException.class);
    queue.taskDone();
    assertThat(queue.join()).isEqualTo(new JoinResult(0));
  }

  @Test
  void joinWaitsUntilConsumersInOtherProcessesHaveDoneEverything() throws Exception {
    JoinableQueue<String> queue = joinable();
    List<FunctionProcess<List<String>>> consumers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      consumers.add(YARD.get().processes().start(QueueTasks::doAll, queue));
    }
    List<String> items = numbers(100).stream().map(String::valueOf).toList();
    for (String item : items) {
      queue.put(item);
    }
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(0));
    assertThat(queue.isEmpty()).isTrue();
    queue.shutdown();
    List<String> done = new ArrayList<>();
    for (FunctionProcess<List<String>> consumer : consumers) {
      done.addAll(consumer.result(LONG));
    }
    assertThat(done).containsExactlyInAnyOrderElementsOf(items);
  }

  @Test
  void taskDoneIsOnceForEachItemAndRefusedAfterThat() throws Exception {
    JoinableQueue<String> queue = joinable();
    assertRefused("TASK_DONE_TOO_MANY", queue::taskDone);
    queue.putAll(List.of("a", "b", "c"));
    assertThat(queue.get()).isEqualTo("a");
    assertThat(queue.getMany(5, LONG)).containsExactly("b", "c");
    for (int i = 2; i >= 0; i--) {
      queue.taskDone();
      assertThat(queue.leased()).isEqualTo(i);
    }
    assertThatThrownBy(queue::taskDone)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal ->
                assertThat(refusal.code()).isEqualTo(ForkyardException.Code.FAILED_PRECONDITION))
        .hasMessageContaining("more often");
    assertThat(queue.join(Duration.ZERO)).isEqualTo(new JoinResult(0));
  }

  @Test
  void taskDoneIsForTheItemThatItsOwnThreadHasGot() throws Exception {
    QueueOptions options = QueueOptions.defaults();
    JoinableQueue<String> queue = YARD.get().queues().openJoinable("own", String.class, options);
    queue.putAll(List.of("a", "b", "c"));
    try (Forkyard other = YARD.connect()) {
      JoinableQueue<String> same = other.queues().openJoinable("own", String.class, options);
      FutureTask<String> inAnotherThread = begin(same::get);
      assertThat(result(inAnotherThread)).isEqualTo("a");
      assertThat(same.get()).isEqualTo("b");
      assertThat(same.get()).isEqualTo("c");
      same.taskDone();
    }
    assertThat(queue.getMany(5, LONG)).containsExactly("a", "c");
    queue.delete();
  }

  @Test
  void joinFinishesThoughAConsumerDiesBeforeTaskDone() throws Exception {
    JoinableQueue<String> queue = joinable();
    Pipe<String> pipe = YARD.get().pipes().create(String.class);
    queue.putAll(List.of("a", "b"));
    ManagedProcess dying =
        YARD.get().processes().start(QueueTasks::getTaskAndHang, queue, pipe.right());
    assertThat(pipe.left().receive(LONG)).hasValue("a");
    FunctionProcess<List<String>> other = YARD.get().processes().start(QueueTasks::doAll, queue);
    assertThatThrownBy(() -> queue.join(SHORT)).isInstanceOf(TimeoutException.class);
    dying.kill();
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(0));
    queue.shutdown();
    assertThat(other.result(LONG)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void joinFinishesAndTellsWhoDiedWhenEveryConsumerLeavesItsTaskUndone() throws Exception {
    JoinableQueue<String> queue =
        YARD.get()
            .queues()
            .createJoinable(String.class, QueueOptions.defaults().deadAfterCrashes(2));
    queue.put("a");
    for (int i = 0; i < 2; i++) {
      assertThat(YARD.get().processes().start(QueueTasks::getTaskAndReturn, queue).result(LONG))
          .isEqualTo("a");
    }
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(1));
    assertThat(queue.deadLetters().list())
        .singleElement()
        .satisfies(
            dead ->
                assertThat(dead.crashes())
                    .extracting(DeadLetter.LostTaker::how)
                    .containsOnly("its process ended with exit code 0"));
  }

  // SimpleQueue

  @Test
  void queueWithoutOptionsIsASimpleQueue() throws Exception {
    RemoteQueue<String> queue = queue();
    assertThat(queue.isEmpty()).isTrue();
    queue.put("a");
    assertThat(queue.isEmpty()).isFalse();
    assertThat(queue.get()).isEqualTo("a");
    queue.delete();
    assertRefused("QUEUE_NOT_FOUND", () -> queue.put("b"));
    assertRefused("QUEUE_NOT_FOUND", queue::get);
  }
}
