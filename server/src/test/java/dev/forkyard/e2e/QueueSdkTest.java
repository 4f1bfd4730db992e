package dev.forkyard.e2e;

import static dev.forkyard.e2e.PrivateYard.LONG;
import static dev.forkyard.e2e.QueueTasks.numbers;
import static dev.forkyard.e2e.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.forkyard.client.DeadLetter;
import dev.forkyard.client.Forkyard;
import dev.forkyard.client.FunctionProcess;
import dev.forkyard.client.JoinResult;
import dev.forkyard.client.JoinableQueue;
import dev.forkyard.client.Lease;
import dev.forkyard.client.PutOptions;
import dev.forkyard.client.QueueEndedException;
import dev.forkyard.client.QueueOptions;
import dev.forkyard.client.QueueSender;
import dev.forkyard.client.QueueStats;
import dev.forkyard.client.Queues;
import dev.forkyard.client.RemoteQueue;
import dev.forkyard.client.TypeRef;
import dev.forkyard.e2e.QueueTasks.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a user of a queue has beyond {@code multiprocessing}. */
@Timeout(120)
class QueueSdkTest {
  @RegisterExtension static final PrivateYard YARD = new PrivateYard();
  private static final Duration NOW = Duration.ZERO;

  private static RemoteQueue<Integer> queue() {
    return queue(QueueOptions.defaults());
  }

  private static RemoteQueue<Integer> queue(QueueOptions options) {
    return YARD.get().queues().create(Integer.class, options);
  }

  @Test
  void itemsOfHigherPriorityAreTakenFirstAndThoseOfOneInTheirOrder() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().maxPriority(5));
    queue.put(1);
    queue.putAll(List.of(31, 32), PutOptions.defaults().priority(3));
    queue.put(51, PutOptions.defaults().priority(5));
    queue.put(2);
    try (QueueSender<Integer> sender = queue.sender(PutOptions.defaults().priority(3))) {
      sender.put(33);
    }
    assertThat(queue.peek(10)).containsExactly(51, 31, 32, 33, 1, 2);
    assertThat(queue.getMany(10, NOW)).containsExactly(51, 31, 32, 33, 1, 2);
  }

  @Test
  void leaseTellsWhatIsKnownOfItsItem() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().maxPriority(9));
    queue.put(0);
    queue.put(
        1, PutOptions.defaults().priority(7).attribute("trace", "t1").attribute("from", "me"));
    try (Lease<Integer> lease = queue.lease()) {
      assertThat(lease.value()).isEqualTo(1);
      assertThat(lease.priority()).isEqualTo(7);
      assertThat(lease.attributes()).isEqualTo(Map.of("trace", "t1", "from", "me"));
      assertThat(lease.attempt()).isEqualTo(1);
      lease.nack();
      try (Lease<Integer> again = queue.lease(LONG).orElseThrow()) {
        assertThat(again.number()).isEqualTo(lease.number());
        assertThat(again.token()).isNotEqualTo(lease.token());
        assertThat(again.attempt()).isEqualTo(2);
      }
    }
    assertThat(queue.leased()).isZero();
  }

  @Test
  void putThatIsRepeatedUnderItsNamePutsNothingAgainAlsoOverAnotherConnection() throws Exception {
    RemoteQueue<Integer> queue = queue();
    PutOptions once = PutOptions.defaults().requestId("first");
    queue.putAll(List.of(1, 2), once);
    queue.putAll(List.of(1, 2), once);
    try (Forkyard other = YARD.connect()) {
      other.queues().get(queue.id(), Integer.class).putAll(List.of(1, 2), once);
    }
    queue.put(3, PutOptions.defaults().requestId("second"));
    assertThat(queue.peek(10)).containsExactly(1, 2, 3);
    assertRefused("REQUEST_ID_REUSED", () -> queue.put(4, once));
    assertRefused(
        "INVALID_ARGUMENT",
        () -> queue.put(4, PutOptions.defaults().requestId("x".repeat(129))),
        "request_id");
    assertThatThrownBy(() -> PutOptions.defaults().requestId(""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> queue.sender(once))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names one put");
    assertThat(queue.getMany(10, NOW)).containsExactly(1, 2, 3);
  }

  @Test
  void queueIsFoundByItsIdAndListedWithItsState() throws Exception {
    Queues queues = YARD.get().queues();
    QueueOptions limits =
        QueueOptions.defaults().capacity(9).capacityBytes(99).maxPriority(2).deadAfterReleases(1);
    RemoteQueue<Integer> named = queues.open("jobs", Integer.class, limits);
    RemoteQueue<List<String>> unnamed =
        queues.create(new TypeRef<List<String>>() {}, QueueOptions.defaults());
    named.putAll(List.of(11, 12, 13));
    Lease<Integer> held = queues.get("jobs", Integer.class).lease();
    queues.get("jobs", Integer.class).lease().nack();
    unnamed.put(List.of("a"));
    assertThat(queues.list()).extracting(QueueStats::id).containsExactly("jobs", unnamed.id());
    assertThat(queues.list().get(0)).isEqualTo(named.stats());
    QueueStats stats = named.stats();
    assertThat(stats.readyBytes()).isPositive();
    assertThat(stats)
        .isEqualTo(
            new QueueStats("jobs", 9, 99, 2, 3, 1, 1, stats.readyBytes(), 1, 0, 0, 1, 0, false));
    named.shutdown();
    assertThat(named.stats().shutDown()).isTrue();
    held.ack();
    named.delete();
    assertThat(queues.get(unnamed.id(), new TypeRef<List<String>>() {}).peek()).isPresent();
    JoinableQueue<List<String>> joinable =
        queues.getJoinable(unnamed.id(), new TypeRef<List<String>>() {});
    assertThat(joinable.get()).containsExactly("a");
    joinable.taskDone();
    assertThat(queues.getJoinable(unnamed.id(), Object.class).join(NOW).died()).isZero();
    assertRefused("QUEUE_NOT_FOUND", () -> queues.get("jobs", Integer.class), "jobs");
    assertRefused("QUEUE_NOT_FOUND", () -> queues.getJoinable("jobs", Integer.class));
    assertThat(queues.list()).extracting(QueueStats::id).containsExactly(unnamed.id());
  }

  @Test
  void putsOfASenderKeepItsAttributesAndItsTimeOut() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().capacity(1));
    QueueSender<Integer> sender =
        queue.sender(PutOptions.defaults().attribute("a", "b").timeout(Duration.ofMillis(1)));
    sender.put(1);
    sender.flush();
    sender.put(2);
    assertRefused("QUEUE_FULL", sender::flush);
    assertThat(queue.lease().attributes()).isEqualTo(Map.of("a", "b"));
  }

  @Test
  void batchesOfASenderFitIntoTheQueueWithTheirAttributes() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().capacityBytes(100));
    PutOptions options = PutOptions.defaults().attribute("a", "x".repeat(60));
    queue.put(0, options);
    try (QueueSender<Integer> sender = queue.sender(options)) {
      for (int i = 1; i < 4; i++) {
        sender.put(i);
      }
      for (int i = 0; i < 4; i++) {
        assertThat(queue.get()).isEqualTo(i);
      }
    }
  }

  @Test
  void flushWaitsForNothingThatIsPutAfterIt() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().capacity(1));
    QueueSender<Integer> sender = queue.sender();
    sender.put(1);
    sender.put(2);
    FutureTask<Void> flush =
        new FutureTask<>(
            () -> {
              sender.flush();
              return null;
            });
    Thread flusher = new Thread(flush);
    flusher.start();
    await().atMost(LONG).until(() -> flusher.getState() == Thread.State.WAITING);
    sender.put(3);
    queue.lease().ack();
    flush.get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(queue.getMany(5, LONG)).containsExactly(2);
    sender.close();
    assertThat(queue.getMany(5, LONG)).containsExactly(3);
  }

  @Test
  void senderWaitsWhenFourMebibytesAreNotSent() throws Exception {
    RemoteQueue<String> queue =
        YARD.get().queues().create(String.class, QueueOptions.defaults().capacity(1));
    queue.put("full");
    AtomicInteger accepted = new AtomicInteger();
    QueueSender<String> sender = queue.sender();
    String mebibyte = "x".repeat(1 << 20);
    FutureTask<Void> puts =
        new FutureTask<>(
            () -> {
              while (true) {
                sender.put(mebibyte);
                accepted.incrementAndGet();
              }
            });
    Thread producer = new Thread(puts);
    producer.start();
    await().atMost(LONG).until(() -> producer.getState() == Thread.State.WAITING);
    assertThat(accepted).as("1 on its way, 4 that wait").hasValue(5);
    producer.interrupt();
    assertThatThrownBy(puts::get).hasCauseInstanceOf(InterruptedException.class);
    queue.shutdownNow();
    assertRefused("QUEUE_CLOSED", sender::close);
  }

  @Test
  void severalItemsAreGotAndLeasedAtOnceAndNoneWhenTheTimeIsOver() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(10));
    assertThat(queue.getMany(4, LONG)).containsExactly(0, 1, 2, 3);
    List<Lease<Integer>> leases = queue.leaseMany(3, LONG);
    assertThat(leases).extracting(Lease::value).containsExactly(4, 5, 6);
    assertThat(queue.getMany(10, LONG)).containsExactly(7, 8, 9);
    assertThat(queue.getMany(10, NOW)).isEmpty();
    assertThat(queue.leaseMany(10, Duration.ofMillis(1))).isEmpty();
    leases.get(1).ack();
    leases.get(2).nack();
    leases.get(0).nack();
    assertThat(queue.getMany(10, LONG)).containsExactly(4, 6);
  }

  @Test
  void itemsThatWereSentAheadAreGotTogether() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(200));
    for (int i = 0; i < 20; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    List<Integer> rest = new ArrayList<>();
    while (rest.size() < 180) {
      rest.addAll(queue.getMany(100, LONG));
    }
    assertThat(rest).isEqualTo(numbers(200).subList(20, 200));
  }

  @Test
  void itemThatIsNoneOfTheTypeEndsABatchAndIsMetByTheNext() throws Exception {
    RemoteQueue<Object> mixed =
        YARD.get().queues().open("mixed", Object.class, QueueOptions.defaults());
    RemoteQueue<Integer> queue =
        YARD.get().queues().open("mixed", Integer.class, QueueOptions.defaults());
    mixed.putAll(List.of(1, "two", 3));
    assertThat(queue.getMany(10, LONG)).containsExactly(1);
    assertRefused("NOT_CONVERTIBLE", () -> queue.getMany(10, LONG));
    assertRefused("NOT_CONVERTIBLE", queue::get);
    assertRefused("NOT_CONVERTIBLE", queue::peek);
    assertThat(mixed.getMany(10, LONG)).containsExactly("two", 3);
    mixed.delete();
  }

  @Test
  void leaseThatIsClosedGivesItsItemBackUnlessSomethingElseWasDone() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.put(1);
    assertThatThrownBy(
            () -> {
              try (Lease<Integer> lease = queue.lease()) {
                throw new IllegalStateException("while working on " + lease.value());
              }
            })
        .hasMessage("while working on 1");
    try (Lease<Integer> lease = queue.lease(NOW).orElseThrow()) {
      lease.ack();
    }
    assertThat(queue.join(NOW)).isEqualTo(new JoinResult(0));
    queue.put(2);
    try (Lease<Integer> lease = queue.lease()) {
      queue.delete();
      assertRefused("QUEUE_NOT_FOUND", lease::ack);
    }
  }

  @Test
  void leaseAsItsJavadocShowsItIsDoneOrComesBack() throws Exception {
    RemoteQueue<Job> jobs = YARD.get().queues().create(Job.class);
    jobs.put(new Job("build"));
    try (Lease<Job> lease = jobs.lease()) {
      lease.value().run();
      lease.ack();
    }
    assertThat(Job.DONE).containsExactly("build");
    assertThat(jobs.join(NOW)).isEqualTo(new JoinResult(0));
  }

  @Test
  void leaseThatRanOutIsLostAndItsItemComesAgain() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.put(1);
    Lease<Integer> late = queue.lease();
    late.extend(Duration.ofHours(1));
    late.extend(Duration.ofMillis(1));
    assertThat(queue.get(LONG)).hasValue(1);
    assertRefused("LEASE_LOST", late::ack);
    assertRefused("LEASE_LOST", late::nack);
    assertRefused("LEASE_LOST", () -> late.extend(LONG));
    assertRefused("LEASE_LOST", () -> late.deadLetter("late"));
    late.close();
    assertThat(queue.deadLetters().list()).isEmpty();
  }

  @Test
  void handlerGetsEveryItemUntilTheEndAndThoseItFailsOnComeAgain() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().deadAfterReleases(3));
    queue.putAll(List.of(1, 2, 3, 4));
    queue.shutdown();
    List<Integer> begun = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    queue.forEach(
        item -> {
          begun.add(item);
          if (item == 2) {
            throw new IllegalStateException("no " + item);
          }
        },
        (lease, failure) -> failures.add(lease.attempt() + " " + failure.getMessage()));
    assertThat(begun).containsExactly(1, 2, 2, 2, 3, 4);
    assertThat(failures).containsExactly("1 no 2", "2 no 2", "3 no 2");
    assertThat(queue.deadLetters().list())
        .singleElement()
        .satisfies(
            dead -> {
              assertThat(dead.value()).isEqualTo(2);
              assertThat(dead.cause()).isEqualTo(DeadLetter.Cause.RELEASES);
              assertThat(dead.releases()).isEqualTo(3);
            });
  }

  @Test
  void failureOfAHandlerMayGiveTheItemUpOrEndTheWork() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(List.of(1, 2, 3));
    assertThatThrownBy(
            () ->
                queue.forEach(
                    item -> {
                      throw new IllegalArgumentException("no " + item);
                    },
                    (lease, failure) -> {
                      if (lease.value() == 3) {
                        throw new IllegalStateException(failure);
                      }
                      lease.deadLetter(String.valueOf(failure.getMessage()));
                    }))
        .hasRootCauseMessage("no 3");
    assertThat(queue.deadLetters().list())
        .extracting(dead -> dead.value() + " " + dead.cause() + " " + dead.reason())
        .containsExactly("1 GIVEN_UP no 1", "2 GIVEN_UP no 2");
    assertThat(queue.getMany(5, NOW)).containsExactly(3);
  }

  @Test
  void handlerThatFailsWithoutAnybodyToTellGoesOn() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().deadAfterReleases(2));
    queue.putAll(List.of(1, 2));
    queue.shutdown();
    List<Integer> begun = new ArrayList<>();
    queue.forEach(
        item -> {
          begun.add(item);
          if (item == 1) {
            throw new IllegalStateException("expected in the log of this test");
          }
        });
    assertThat(begun).containsExactly(1, 1, 2);
  }

  @Test
  void errorOfAHandlerGivesTheItemBackAndIsThrown() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.put(1);
    assertThatThrownBy(
            () ->
                queue.forEach(
                    item -> {
                      throw new AssertionError("serious");
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("serious");
    assertThat(queue.getMany(5, NOW)).containsExactly(1);
  }

  @Test
  void interruptEndsTheWorkOfAHandlerAndGivesTheItemBack() throws Exception {
    RemoteQueue<Integer> queue = queue(QueueOptions.defaults().deadAfterReleases(1));
    queue.putAll(List.of(1, 2));
    assertThatThrownBy(
            () ->
                queue.forEach(
                    item -> {
                      throw new InterruptedException();
                    }))
        .isInstanceOf(InterruptedException.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> queue.forEach(item -> {})).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    List<Integer> done = new ArrayList<>();
    assertThatThrownBy(
            () ->
                queue.forEach(
                    item -> {
                      done.add(item);
                      Thread.currentThread().interrupt();
                    }))
        .isInstanceOf(InterruptedException.class);
    assertThat(done).containsExactly(1);
    try (Lease<Integer> next = queue.lease(NOW).orElseThrow()) {
      assertThat(next.value()).isEqualTo(2);
      assertThat(next.attempt()).as("times that somebody began with it").isEqualTo(1);
    }
  }

  @Test
  void handlersInSeveralProcessesShareTheItemsAndPoisonEndsUpAsDeadLetters() throws Exception {
    RemoteQueue<Integer> queue =
        queue(QueueOptions.defaults().deadAfterCrashes(2).deadAfterReleases(1));
    queue.putAll(numbers(50));
    queue.put(-7);
    queue.shutdown();
    List<FunctionProcess<Integer>> dying = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      dying.add(YARD.get().processes().start(QueueTasks::handleEven, queue));
    }
    for (FunctionProcess<Integer> process : dying) {
      assertThat(process.join(LONG).code()).hasValue(3);
    }
    assertThat(YARD.get().processes().start(QueueTasks::handleEven, queue).result(LONG)).isZero();
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(26));
    assertThat(queue.deadLetters().list())
        .extracting(DeadLetter::value)
        .contains(-7)
        .containsAll(numbers(50).stream().filter(number -> number % 2 != 0).toList())
        .hasSize(26);
  }

  @Test
  void deadLettersAreRestoredToTheirOldPlacesOrCleared() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(6));
    for (Lease<Integer> lease : queue.leaseMany(4, LONG)) {
      lease.deadLetter("for a test");
    }
    List<DeadLetter<Integer>> dead = queue.deadLetters().list();
    assertThat(dead).extracting(DeadLetter::value).containsExactly(0, 1, 2, 3);
    assertThat(queue.deadLetters().restore(List.of())).isZero();
    RemoteQueue<Integer> other = queue();
    other.put(9);
    other.lease().deadLetter("has the number of the first of them");
    List<DeadLetter<Integer>> foreign = other.deadLetters().list();
    assertThat(foreign.get(0).number()).isEqualTo(dead.get(0).number());
    assertThatThrownBy(() -> queue.deadLetters().restore(List.of(dead.get(0), foreign.get(0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(other.id(), queue.id());
    assertThat(queue.deadLetters().restore(List.of(dead.get(1), dead.get(3)))).isEqualTo(2);
    assertThat(queue.deadLetters().restore(List.of(dead.get(1)))).isZero();
    assertThat(queue.peek(10)).containsExactly(1, 3, 4, 5);
    assertThat(queue.deadLetters().clear()).isEqualTo(2);
    assertThat(queue.deadLetters().list()).isEmpty();
    try (Lease<Integer> again = queue.lease()) {
      assertThat(again.value()).isEqualTo(1);
      assertThat(again.attempt()).isEqualTo(1);
      again.deadLetter("again");
    }
    assertThat(queue.deadLetters().restoreAll()).isEqualTo(1);
    assertThat(queue.getMany(10, NOW)).containsExactly(1, 3, 4, 5);
  }

  @Test
  void peekAnswersItemsWithoutTakingThem() throws Exception {
    RemoteQueue<Integer> queue = queue();
    assertThat(queue.peek()).isEmpty();
    assertThat(queue.peek(5)).isEmpty();
    queue.putAll(numbers(2_500));
    assertThat(queue.peek()).hasValue(0);
    assertThat(queue.peek(2_200)).isEqualTo(numbers(2_200));
    assertThat(queue.peek(10_000)).isEqualTo(numbers(2_500));
    assertThat(queue.size()).isEqualTo(2_500);
    queue.shutdownNow();
    assertThat(queue.peek()).isEmpty();
  }

  @Test
  void clearDropsWhatIsReadyAndTellsHowMuch() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(5));
    Lease<Integer> held = queue.lease();
    assertThat(queue.clear()).isEqualTo(4);
    assertThat(queue.clear()).isZero();
    held.nack();
    assertThat(queue.get(NOW)).hasValue(0);
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(0));
  }

  @Test
  void shutdownNowDropsWhatIsReadyAndWhatComesBack() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(100));
    for (int i = 0; i < 20; i++) {
      assertThat(queue.get()).isEqualTo(i); // and some more are sent ahead
    }
    Lease<Integer> held = queue.lease();
    queue.shutdownNow();
    assertThat(queue.isEmpty()).isTrue();
    assertRefused("QUEUE_CLOSED", () -> queue.put(1));
    held.nack();
    assertThatThrownBy(queue::get).isInstanceOf(QueueEndedException.class);
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(0));
  }

  @Test
  void whoWaitsOnAQueueThatIsDeletedIsToldThatItIsGone() throws Exception {
    RemoteQueue<Integer> queue = queue();
    CompletableFuture<Integer> get = queue.getAsync();
    YARD.awaitWaitingCalls(1);
    queue.delete();
    assertRefused(
        "QUEUE_NOT_FOUND",
        () -> {
          try {
            get.get(LONG.toSeconds(), TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            throw e.getCause();
          }
        });
    assertRefused("QUEUE_NOT_FOUND", queue::size);
    assertRefused("QUEUE_NOT_FOUND", queue::peek);
    assertRefused("QUEUE_NOT_FOUND", () -> queue.join(LONG));
    assertRefused("QUEUE_NOT_FOUND", () -> queue.deadLetters().list());
  }

  @Test
  void futureOfAnItemGetsThoseThatWereSentAheadFirst() throws Exception {
    RemoteQueue<Integer> queue = queue();
    queue.putAll(numbers(100));
    for (int i = 0; i < 20; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    assertThat(queue.getAsync().get()).isEqualTo(20);
    assertThat(queue.get()).isEqualTo(21);
  }

  @Test
  void taskOfAFutureIsDoneByWhatDependsOnIt() throws Exception {
    JoinableQueue<List<String>> queue =
        YARD.get().queues().createJoinable(new TypeRef<List<String>>() {}, QueueOptions.defaults());
    CompletableFuture<List<String>> done =
        queue
            .getAsync()
            .thenApply(
                item -> {
                  queue.taskDone();
                  return item;
                });
    queue.put(List.of("a"));
    assertThat(done.get(LONG.toSeconds(), TimeUnit.SECONDS)).containsExactly("a");
    assertThat(queue.join(LONG)).isEqualTo(new JoinResult(0));
    CompletableFuture<List<String>> cancelled = queue.getAsync();
    cancelled.cancel(true);
    YARD.awaitWaitingCalls(0);
    queue.put(List.of("b"));
    assertThat(queue.get()).containsExactly("b");
    queue.taskDone();
    assertRefused("TASK_DONE_TOO_MANY", queue::taskDone);
  }

  @Test
  void queueCrossesAsWhatTheReceiverDeclares() throws Exception {
    JoinableQueue<String> joinable = YARD.get().queues().createJoinable(String.class);
    joinable.putAll(List.of("a", "b"));
    assertThat(YARD.get().processes().start(QueueTasks::getOne, joinable).result(LONG))
        .isEqualTo("a");
    assertThat(joinable.peek(5)).containsExactly("b");
    RemoteQueue<RemoteQueue<String>> handles =
        YARD.get().queues().create(new TypeRef<RemoteQueue<String>>() {}, QueueOptions.defaults());
    handles.put(joinable);
    RemoteQueue<String> plain = handles.get();
    assertThat(plain).isNotInstanceOf(JoinableQueue.class);
    assertThat(plain.get()).isEqualTo("b");
    assertThat(joinable.join(LONG)).isEqualTo(new JoinResult(0));
  }
}
