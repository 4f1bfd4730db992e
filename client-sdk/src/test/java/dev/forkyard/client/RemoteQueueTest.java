package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemoteQueueTest {
  private final FakeSession session = new FakeSession();
  private FakeDaemon daemon;
  private Wire wire;
  private RemoteQueue<Integer> queue;

  @BeforeEach
  void connect() throws IOException {
    daemon = new FakeDaemon(session, new FakeQueues());
    wire = Forkyard.openWire(daemon.address());
    queue = new RemoteQueue<>(wire, "q", Integer.class);
  }

  @AfterEach
  void disconnect() throws Exception {
    wire.close();
    daemon.close();
  }

  @Test
  void itemsComeInTheOrderInWhichTheyWerePut() throws Exception {
    queue.putAll(List.of(1, 2, 3));
    queue.put(4);
    List<Integer> got = new ArrayList<>();
    while (got.size() < 4) {
      got.add(queue.get());
    }
    assertThat(got).containsExactly(1, 2, 3, 4);
  }

  @Test
  void interruptedThreadAsksForTheSizeAndAcknowledges() throws Exception {
    session.add("1");
    Lease<Integer> lease = queue.lease(Duration.ofSeconds(60)).orElseThrow();
    Thread.currentThread().interrupt();
    assertThat(queue.size()).isZero();
    lease.ack();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(session.acked()).containsExactly(1L);
  }

  @Test
  void fastConsumerTakesAheadAndEveryItemHandedOutIsAcknowledged() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      session.add(Integer.toString(i));
    }
    for (int i = 0; i < 1_500; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    wire.close();
    assertThat(session.largestTake()).isGreaterThan(1);
    assertThat(session.acked()).hasSize(1_500).isSorted().endsWith(1_500L);
    assertThat(session.leased()).isZero();
    assertThat(session.ready()).isEqualTo(500);
    assertThat(session.ahead()).containsOnly(true);
  }

  @Test
  void whatIsLeasedIsWorkedOnFromTheBeginning() throws Exception {
    session.add("1");
    session.add("2");
    session.add("3");
    queue.lease().ack();
    assertThat(queue.leaseMany(5, Duration.ofSeconds(60))).hasSize(2);
    assertThat(session.ahead()).containsExactly(false, false);
  }

  @Test
  void itemsOfAJoinableQueueAreWorkedOnFromTheBeginningAndNoneIsTakenAhead() throws Exception {
    JoinableQueue<Integer> joinable = new JoinableQueue<>(wire, "q", Integer.class);
    for (int i = 0; i < 50; i++) {
      session.add(Integer.toString(i));
    }
    for (int i = 0; i < 40; i++) {
      assertThat(joinable.get()).isEqualTo(i);
    }
    assertThat(session.ahead()).containsOnly(false);
    assertThat(session.largestTake()).isEqualTo(1);
    assertThat(session.acked()).isEmpty();
    joinable.taskDone();
    assertThat(session.acked()).containsExactly(1L);
  }

  @Test
  void whatWasTakenAheadGoesBackBeforeTheQueueIsLookedAt() throws Exception {
    for (int i = 0; i < 100; i++) {
      session.add(Integer.toString(i));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
    assertThat(queue.size()).isZero(); // FakeQueues does not count
    assertThat(session.ready()).isEqualTo(80);
    assertThat(queue.lease().value()).isEqualTo(20);
  }

  @Test
  void senderKeepsTheOrderAndHasPutAllWhenItIsFlushed() throws Exception {
    try (QueueSender<Integer> sender = queue.sender()) {
      for (int i = 0; i < 5_000; i++) {
        sender.put(i);
      }
      sender.flush();
      assertThat(session.ready()).isEqualTo(5_000);
    }
    for (int i = 0; i < 5_000; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
  }

  @Test
  void batchOfASenderTakesAnEighthOfTheQueueAtMost() throws Exception {
    try (QueueSender<Integer> sender = queue.sender()) {
      for (int i = 0; i < 1_000; i++) {
        sender.put(i);
      }
    }
    assertThat(session.largestPut()).as("items of a batch, in a queue of 100").isBetween(2, 12);
  }

  @Test
  void batchOfASenderTakesAnEighthOfTheBytesAtMost() throws Exception {
    RemoteQueue<String> texts = new RemoteQueue<>(wire, "q", String.class);
    String text = "x".repeat(50_000);
    try (QueueSender<String> sender = texts.sender()) {
      for (int i = 0; i < 100; i++) {
        sender.put(text);
      }
    }
    assertThat(session.largestPut()).as("texts of 50 kB, in a queue of 1 MiB").isEqualTo(2);
  }

  @Test
  void closedSenderTakesNoMore() throws Exception {
    QueueSender<Integer> sender = queue.sender();
    sender.put(1);
    sender.close();
    assertThatThrownBy(() -> sender.put(2))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            closed -> assertThat(closed.reason()).isEqualTo("SENDER_CLOSED"));
    sender.close();
    assertThat(session.ready()).isEqualTo(1);
  }

  @Test
  void handlerPausesAfterAFailureWhenItsItemIsBack() throws Exception {
    session.add("1");
    List<Integer> pauses = new ArrayList<>();
    HandlerLoop<Integer> loop =
        new HandlerLoop<>(
            queue,
            item -> {
              if (pauses.size() == 3) {
                throw new InterruptedException();
              }
              throw new IllegalStateException();
            },
            (lease, failure) -> {},
            attempt -> {
              assertThat(session.ready()).isEqualTo(1);
              pauses.add(attempt);
            });
    assertThatThrownBy(loop::run).isInstanceOf(InterruptedException.class);
    assertThat(pauses).containsExactly(1, 2, 3);
  }

  @Test
  void handlerThatDoesNotFailDoesNotPause() {
    session.add("1");
    session.add("2");
    List<Integer> done = new ArrayList<>();
    HandlerLoop<Integer> loop =
        new HandlerLoop<>(
            queue,
            item -> {
              if (item == 2) {
                throw new InterruptedException();
              }
              done.add(item);
            },
            (lease, failure) -> {},
            attempt -> {
              throw new AssertionError("a pause");
            });
    assertThatThrownBy(loop::run).isInstanceOf(InterruptedException.class);
    assertThat(done).containsExactly(1);
    assertThat(session.unused())
        .as("the number of the one that was interrupted")
        .containsExactly(2L);
  }

  @Test
  void pausesGrowToOneSecond() {
    assertThat(
            IntStream.of(1, 2, 3, 4, 11, 12, 13, 1_000, Integer.MAX_VALUE)
                .mapToObj(HandlerLoop::pauseMillis))
        .containsExactly(0L, 1L, 2L, 4L, 512L, 1_000L, 1_000L, 1_000L, 1_000L);
  }

  @Test
  void senderTellsThatTheDaemonDied() throws Exception {
    QueueSender<Integer> sender = queue.sender();
    daemon.die();
    assertThatThrownBy(
            () -> {
              sender.put(1);
              sender.flush();
            })
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> assertThat(lost.reason()).isEqualTo("CONNECTION_LOST"));
  }

  @Test
  void refusalOfASenderReachesItsCallerFromATryWithResources() {
    assertThatThrownBy(
            () -> {
              try (QueueSender<Integer> sender = queue.sender()) {
                daemon.die();
                sender.put(1);
                sender.flush();
              }
            })
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> assertThat(lost.reason()).isEqualTo("CONNECTION_LOST"));
  }

  @Test
  void closingASenderTellsWhatNothingElseHasTold() {
    assertThatThrownBy(
            () -> {
              try (QueueSender<Integer> sender = queue.sender()) {
                daemon.die();
                sender.put(1);
              }
            })
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> assertThat(lost.reason()).isEqualTo("CONNECTION_LOST"));
  }

  @Test
  void interruptedGetTakesNothing() throws Exception {
    FutureTask<Integer> get = new FutureTask<>(queue::get);
    Thread taker = new Thread(get);
    taker.start();
    session.parked.await();
    taker.interrupt();
    taker.join();
    assertThatThrownBy(get::get).hasCauseInstanceOf(InterruptedException.class);
    queue.put(7);
    assertThat(session.ready()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo(7);
  }

  @Test
  void cancelledFutureTakesNothing() throws Exception {
    CompletableFuture<Integer> later = queue.getAsync();
    later.cancel(true);
    queue.put(7);
    assertThat(queue.get()).isEqualTo(7);
  }

  @Test
  void itemOfAnotherTypeGoesBack() throws Exception {
    session.add("{\"a\":1}");
    assertThatThrownBy(queue::get)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            refusal -> assertThat(refusal.reason()).isEqualTo("NOT_CONVERTIBLE"));
    wire.close();
    assertThat(session.ready()).isEqualTo(1);
    assertThat(session.unused()).isEmpty();
  }

  @Test
  void nullIsRefusedAtThePutter() {
    assertThatThrownBy(() -> queue.putAll(new ArrayList<>(Arrays.asList(1, null))))
        .isInstanceOf(NullPointerException.class);
    assertThat(session.ready()).isZero();
  }

  @Test
  void waitingCallsEndWhenTheDaemonDies() throws Exception {
    CompletableFuture<Integer> later = queue.getAsync();
    session.parked.await();
    daemon.die();
    assertThatThrownBy(later::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> {
              assertThat(lost.reason()).isEqualTo("CONNECTION_LOST");
              assertThat(lost.isRetryable()).isTrue();
            });
  }

  @Test
  void waitingCallsEndWhenTheClientIsClosed() throws Exception {
    CompletableFuture<Integer> later = queue.getAsync();
    session.parked.await();
    wire.close();
    assertThatThrownBy(later::get)
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            closed -> assertThat(closed.reason()).isEqualTo("CLIENT_CLOSED"));
    assertThatThrownBy(() -> queue.put(1))
        .isInstanceOfSatisfying(
            ForkyardException.class,
            closed -> assertThat(closed.reason()).isEqualTo("CLIENT_CLOSED"));
  }

  @Test
  void closingAQueueWhoseDaemonOrClientIsGoneSaysNothing() throws Exception {
    daemon.die();
    queue.close();
    wire.close();
    queue.close();
  }
}
