package dev.forkyard.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forkyard.server.contract.QueueDriver.Mode;
import dev.forkyard.server.contract.QueueDriver.Return;
import dev.forkyard.server.contract.QueueDriver.Seen;
import dev.forkyard.server.contract.QueueDriver.Taken;
import dev.forkyard.server.contract.QueueDriver.Wish;
import dev.forkyard.server.session.Ending;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract without a transport, and what only a clock in the hand can show. */
class CoreQueueFateTest extends QueueFateContract {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private final CoreQueueDriver core = new CoreQueueDriver();

  @Override
  QueueDriver driver() {
    return core;
  }

  private String queueOf(List<String> values) {
    String queue = queues.create(0, 0);
    queues.put(queue, ann, NOT_AT_ALL, values).get();
    return queue;
  }

  private Taken lease(String queue, Mode mode) {
    return queues.take(queue, "", new Wish(10, 0, NOT_AT_ALL, LEASE, mode)).get();
  }

  private List<Seen> deadLetters(String queue) {
    return queues.peek(queue, ann, 1000, NOT_AT_ALL, true, "").get().items();
  }

  @Test
  void itemWhoseLeaseRunsOutWasLostByItsTaker() {
    String queue = queueOf(List.of("a"));
    for (int i = 0; i < 3; i++) {
      assertThat(lease(queue, Mode.WORK).values()).containsExactly("a");
      core.scheduler.pass(LEASE);
    }
    assertThat(deadLetters(queue))
        .singleElement()
        .extracting(Seen::crashes)
        .isEqualTo(List.of("its lease ran out", "its lease ran out", "its lease ran out"));
  }

  @Test
  void extendedLeasesRunOutLaterAndTheOthersInTime() {
    String queue = queueOf(List.of("a", "b", "c"));
    Taken taken = lease(queue, Mode.WORK);
    core.scheduler.pass(LEASE.minusSeconds(1));
    queues.extend(queue, "", taken.tokens().subList(0, 2), Duration.ofMinutes(10)).get();
    core.scheduler.pass(Duration.ofSeconds(1));
    assertThat(queues.peek(queue, ann, 9, NOT_AT_ALL, false, "").get().values())
        .containsExactly("c");
    queues.extend(queue, "", taken.tokens().subList(1, 2), Duration.ofSeconds(2)).get();
    core.scheduler.pass(Duration.ofSeconds(2));
    assertThat(queues.peek(queue, ann, 9, NOT_AT_ALL, false, "").get().values())
        .containsExactly("b", "c");
    queues.ack(queue, "", taken.tokens().subList(0, 1)).get();
    assertThat(core.scheduler.pending()).isZero();
  }

  @Test
  void leaseThatLastsAsLongAsItsSessionCanBeGivenATime() {
    String queue = queueOf(List.of("a"));
    Taken taken = queues.take(queue, bob, Wish.now(1)).get();
    core.scheduler.pass(Duration.ofDays(1));
    queues.extend(queue, bob, taken.tokens(), LEASE).get();
    core.scheduler.pass(LEASE);
    queues.ack(queue, bob, taken.tokens()).assertRefused("LEASE_LOST");
  }

  @Test
  void sessionThatIsClosedInOrderLosesNothing() {
    String queue = queueOf(List.of("a"));
    for (int i = 1; i <= 5; i++) {
      String taker = queues.openSession();
      assertThat(queues.take(queue, taker, Wish.now(1)).get().attempts()).containsExactly(i);
      core.sessions.end(core.sessions.get(taker), Ending.CLOSED);
    }
    assertThat(deadLetters(queue)).isEmpty();
  }

  @Test
  void oldestDeadLettersGoWhenThereAreTooMany() {
    String queue = queueOf(IntStream.range(0, 1_002).mapToObj(Integer::toString).toList());
    Taken taken = queues.take(queue, bob, Wish.now(2_000)).get();
    queues.release(queue, bob, taken.tokens(), Return.GIVE_UP, "").get();
    List<Seen> kept = deadLetters(queue);
    assertThat(kept).hasSize(1_000);
    assertThat(kept.get(0).value()).isEqualTo("2");
    assertThat(queues.drain(queue, ann, NOT_AT_ALL).get().died()).isEqualTo(1_002);
  }

  @Test
  void deadLettersAreBoundedInBytesToo() {
    String queue = queues.create(0, 0);
    String large = "x".repeat(9 << 20);
    for (String end : List.of("1", "2")) {
      queues.put(queue, ann, NOT_AT_ALL, List.of(large + end)).get();
      Taken taken = queues.take(queue, bob, Wish.now(1)).get();
      queues.release(queue, bob, taken.tokens(), Return.GIVE_UP, "").get();
    }
    assertThat(deadLetters(queue)).singleElement().extracting(Seen::value).isEqualTo(large + "2");
  }

  @Test
  void deadLettersAreBoundedInBytesOfTheirReasonsToo() {
    String queue = queues.create(0, 0);
    String large = "x".repeat((8 << 20) - 1_000);
    for (String end : List.of("1", "2")) {
      queues.put(queue, ann, NOT_AT_ALL, List.of(large + end)).get();
      Taken taken = queues.take(queue, bob, Wish.now(1)).get();
      queues.release(queue, bob, taken.tokens(), Return.GIVE_UP, "y".repeat(4_096)).get();
    }
    assertThat(deadLetters(queue)).singleElement().extracting(Seen::value).isEqualTo(large + "2");
  }

  @Test
  void deadLettersAreBoundedInBytesOfWhatIsKnownOfTheirTakersToo() {
    String queue = queueOf(List.of("x".repeat((8 << 20) - 50), "y".repeat((8 << 20) - 50)));
    for (int i = 0; i < 3; i++) {
      assertThat(lease(queue, Mode.WORK).values()).hasSize(1);
      assertThat(lease(queue, Mode.WORK).values()).hasSize(1);
      core.scheduler.pass(LEASE);
    }
    assertThat(deadLetters(queue)).hasSize(1);
  }

  @Test
  void itemThatWasOnlyTakenAheadCountsAsNotTakenHoweverItsSessionEnds() {
    String queue = queueOf(List.of("a"));
    for (Ending ending : List.of(Ending.CLOSED, Ending.BROKEN, Ending.CLOSED)) {
      String taker = queues.openSession();
      assertThat(queues.take(queue, taker, Wish.now(1).with(Mode.AHEAD)).get().attempts())
          .containsExactly(1);
      core.sessions.end(core.sessions.get(taker), ending);
    }
    assertThat(queues.take(queue, ann, Wish.now(1)).get().attempts()).containsExactly(1);
  }
}
