package dev.forkyard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forkyard.client.internal.Handle;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waits for futures and for an end of a pipe at which nothing ever comes. */
@Timeout(60)
class WaitAnyTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final CompletableFuture<String> one = new CompletableFuture<>();
  private final CompletableFuture<String> two = new CompletableFuture<>();
  private final CompletableFuture<String> three = new CompletableFuture<>();
  private final Waitable first = Waitable.of(one);
  private final Waitable second = Waitable.of(two);
  private final Waitable third = Waitable.of(three);

  private FakeSession session;
  private FakeDaemon daemon;
  private Wire wire;

  @BeforeEach
  void connect() throws IOException {
    session = new FakeSession();
    daemon = new FakeDaemon(session);
    wire = Forkyard.openWire(daemon.address());
  }

  @AfterEach
  void disconnect() throws Exception {
    wire.close();
    daemon.close();
  }

  private static List<Waitable> any(Waitable... things) throws InterruptedException {
    return Forkyard.waitAny(things);
  }

  @Test
  void allThatAreReadyAreToldInTheOrderGiven() throws Exception {
    three.complete("3");
    one.complete("1");
    assertThat(any(first, second, third)).containsExactly(first, third);
    assertThat(any(third, second, first)).containsExactly(third, first);
    assertThat(Forkyard.waitAny(List.of(second, third))).containsExactly(third);
    assertThat(Forkyard.waitAny(LONG, first, second)).containsExactly(first);
  }

  @Test
  void futureThatFailedOrWasCancelledIsReady() throws Exception {
    one.completeExceptionally(new IllegalStateException("on purpose"));
    two.cancel(false);
    assertThat(any(first, second, third)).containsExactly(first, second);
  }

  @Test
  void nothingIsReadyInTime() throws Exception {
    assertThat(Forkyard.waitAny(Duration.ofMillis(1), first, second)).isEmpty();
    assertThat(Forkyard.waitAny(Duration.ZERO, first, second)).isEmpty();
    assertThat(Forkyard.waitAny(Duration.ofSeconds(-5), List.of(first, second))).isEmpty();
    one.complete("1");
    assertThat(Forkyard.waitAny(Duration.ofSeconds(Long.MIN_VALUE), first)).containsExactly(first);
    assertThat(Forkyard.waitAny(Duration.ofSeconds(Long.MAX_VALUE), first)).containsExactly(first);
  }

  @Test
  void waitLeavesNothingWithTheFuturesThatAreNotComplete() throws Exception {
    one.complete("1");
    for (int i = 0; i < 100; i++) {
      assertThat(Forkyard.waitAny(LONG, second, first)).containsExactly(first);
      assertThat(Forkyard.waitAny(Duration.ofNanos(1), second, third)).isEmpty();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> any(second, third)).isInstanceOf(InterruptedException.class);
    }
    assertThat(two.getNumberOfDependents()).isZero();
    assertThat(three.getNumberOfDependents()).isZero();
  }

  @Test
  void sameThingTwiceIsToldTwice() throws Exception {
    one.complete("1");
    assertThat(any(first, second, first)).containsExactly(first, first);
  }

  @Test
  void nothingToWaitForIsRefused() {
    assertThatThrownBy(() -> Forkyard.waitAny(List.<Waitable>of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is nothing to wait for");
    assertThatThrownBy(() -> Forkyard.waitAny(LONG, List.<Waitable>of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> any()).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @SuppressWarnings("NullAway") // callers without such a check
  void nullIsRefused() {
    assertThatThrownBy(() -> any(first, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Waitable.of(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void futureOfAPoolIsReadyWhenItIsResolved() throws Exception {
    PoolFuture<String> future = new PoolFuture<>(one, mayInterrupt -> {}, Runnable::run);
    assertThat(Forkyard.waitAny(Duration.ZERO, future, second)).isEmpty();
    one.complete("1");
    assertThat(Forkyard.waitAny(LONG, second, future)).containsExactly(future);
  }

  @Test
  void whoWaitsIsWokenByTheFirstAndTheOtherWaitIsCancelledInTheDaemon() throws Exception {
    PipeEnd<Integer> end = new PipeEnd<>(wire, "p", Handle.Side.LEFT, Integer.class);
    FutureTask<List<Waitable>> waiting = begin(end, second, third);
    assertThat(waiting.isDone()).isFalse();
    two.complete("2");
    assertThat(waiting.get(30, TimeUnit.SECONDS)).containsExactly(second);
    assertThat(session.pollers()).isZero();
    assertThat(three.getNumberOfDependents()).isZero();
  }

  @Test
  void interruptedWaitLeavesNothing() throws Exception {
    PipeEnd<Integer> end = new PipeEnd<>(wire, "p", Handle.Side.LEFT, Integer.class);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> any(end, second)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(session.pollers()).isZero();
    assertThat(two.getNumberOfDependents()).isZero();
  }

  @Test
  void closedConnectionIsToldToWhoWaitsAndToWhoWouldBegin() throws Exception {
    PipeEnd<Integer> end = new PipeEnd<>(wire, "p", Handle.Side.LEFT, Integer.class);
    FutureTask<List<Waitable>> waiting = begin(end, second);
    wire.close();
    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            ForkyardException.class,
            closed -> assertThat(closed.reason()).isEqualTo("CLIENT_CLOSED"));
    assertThatThrownBy(() -> any(second, end)).isInstanceOf(ForkyardException.class);
    assertThat(two.getNumberOfDependents()).isZero();
    two.complete("2");
    assertThat(any(second, end)).containsExactly(second);
  }

  /** Lets another thread wait; answers when that has come to the daemon. */
  private FutureTask<List<Waitable>> begin(Waitable... things) throws InterruptedException {
    FutureTask<List<Waitable>> waiting = new FutureTask<>(() -> any(things));
    new Thread(waiting).start();
    session.parked.await();
    return waiting;
  }
}
