package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a consumer tells the daemon of the items that it is sent, and when. */
@Timeout(60)
class TakerTest {
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

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      session.add(Integer.toString(i));
    }
  }

  /** Gets so many, fast, so that some more are sent ahead. */
  private void get(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      assertThat(queue.get()).isEqualTo(i);
    }
  }

  private static void assertLost(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ForkyardException.class,
            lost -> assertThat(lost.reason()).isEqualTo("CONNECTION_LOST"));
  }

  @Test
  void orderIsKeptThoughWhatWasSentAheadGoesBackAgainAndAgain() throws Exception {
    fill(20_000);
    AtomicBoolean over = new AtomicBoolean();
    Thread looker =
        new Thread(
            () -> {
              while (!over.get()) {
                queue.size();
              }
            });
    looker.start();
    try {
      get(20_000);
    } finally {
      over.set(true);
      looker.join();
    }
  }

  @Test
  void whatWasHandedOutIsDoneWhenTheQueueIsLookedAt() throws Exception {
    fill(1);
    for (int i = 1; i <= 100; i++) {
      queue.get();
      queue.size();
      assertThat(session.acked()).hasSize(i);
      session.add("7");
    }
  }

  @Test
  void nothingIsHandedOutAnyMoreWhenTheSessionIsOver() throws Exception {
    fill(1_000);
    get(100);
    assertThat(session.leased()).isGreaterThan(1);
    daemon.die();
    assertLost(() -> queue.put(1));
    assertLost(queue::get);
    assertLost(() -> queue.getMany(10, Duration.ZERO));
    assertThatThrownBy(() -> queue.getAsync().get()).hasCauseInstanceOf(ForkyardException.class);
  }

  @Test
  void severalAreTakenToTheNumberThatIsWantedWhenFewerWereSentAhead() throws Exception {
    fill(1_000);
    get(20);
    assertThat(queue.getMany(900, Duration.ZERO))
        .isEqualTo(IntStream.range(20, 920).boxed().toList());
  }

  @Test
  void itemOfAFutureIsAcknowledgedBeforeAnybodySeesIt() throws Exception {
    CompletableFuture<Integer> item = queue.getAsync();
    CompletableFuture<Void> closed = item.thenAccept(value -> wire.close());
    queue.put(7);
    closed.get();
    session.ended.await();
    assertThat(session.acked()).containsExactly(1L);
    assertThat(session.ready()).isZero();
  }

  @Test
  void futureThatSomebodyElseCompletesTakesNothing() throws Exception {
    List<CompletableFuture<Integer>> futures =
        List.of(queue.getAsync(), queue.getAsync(), queue.getAsync());
    assertThat(futures.get(0).completeExceptionally(new TimeoutException())).isTrue();
    assertThat(futures.get(1).complete(-1)).isTrue();
    assertThat(futures.get(2).cancel(true)).isTrue();
    assertThat(futures.get(2).cancel(true)).isTrue();
    queue.put(7);
    assertThat(session.ready()).isEqualTo(1);
    assertThat(queue.get()).isEqualTo(7);
  }

  @Test
  void futuresThatWaitHoldUpNothingElse() throws Exception {
    CompletableFuture<Integer> first = queue.getAsync();
    for (int i = 1; i < 8_192; i++) {
      CompletableFuture<Integer> unused = queue.getAsync();
    }
    queue.put(7);
    assertThat(first.get()).isEqualTo(7);
  }
}
